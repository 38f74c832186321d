#include "strata/kernels/pooling2d/one_sample.hpp"

#include "kernels/one_sample/one_sample_check.hpp"
#include "kernels/pooling2d/pool_geometry.hpp"
#include "strata/kernels/pooling2d/pooling2d.hpp"

#include <cmath>
#include <cstddef>
#include <type_traits>

using namespace strata::authoring;
using namespace strata::authoring::test;
using kernels::conv2d_geometry;

namespace {

template <conv2d_geometry G> struct pooling_forms {
    template <class V> using average = kernels::one_sample::pooling2d<G, kernels::one_sample::average_of_window, V>;
    template <class V> using maximum = kernels::one_sample::pooling2d<G, kernels::one_sample::maximum_of_window, V>;
};

template <conv2d_geometry G> void check_one_sample_pool() {
    using in = shape<G.input.rows, G.input.columns, G.channels>;
    using out = shape<G.output.rows, G.output.columns, G.channels>;
    INFO("input " << G.input.rows << "x" << G.input.columns << "x" << G.channels << ", pool " << G.kernel.rows << "x"
                  << G.kernel.columns << ", strides " << G.strides.rows << "x" << G.strides.columns);
    auto x = random_values(in::size, 1);
    aligned_vector<double> expected(out::size);
    kernels::average_pooling2d_forward<G>(x.data(), expected.data());
    check_form<pooling_forms<G>::template average, in, out>(x, {}, expected);
    for (double& cell : x) cell -= 3;  // a zero would win
    kernels::max_pooling2d_forward<G>(x.data(), expected.data());
    check_form<pooling_forms<G>::template maximum, in, out>(x, {}, expected);
}

}  // namespace

TEST_CASE("one_sample pooling2d: windows that cover the input without a rest") {
    check_one_sample_pool<pool({6, 4}, 3, {2, 2}, {2, 2}, false)>();
    check_one_sample_pool<pool({4, 70}, 2, {2, 2}, {2, 2}, false)>();
    check_one_sample_pool<pool({6, 9}, 17, {2, 3}, {2, 3}, true)>();
    check_one_sample_pool<pool({5, 7}, 2, {5, 7}, {5, 7}, false)>();
    check_one_sample_pool<pool({3, 3}, 2, {1, 1}, {1, 1}, false)>();
}

TEST_CASE("one_sample pooling2d: rows and columns that no window covers") {
    check_one_sample_pool<pool({7, 9}, 3, {2, 2}, {2, 2}, false)>();
    check_one_sample_pool<pool({7, 11}, 2, {2, 1}, {3, 3}, false)>();
    check_one_sample_pool<pool({5, 37}, 2, {1, 1}, {2, 2}, false)>();
}

TEST_CASE("one_sample pooling2d: windows that overlap") {
    check_one_sample_pool<pool({7, 5}, 2, {3, 2}, {1, 1}, false)>();
    check_one_sample_pool<pool({7, 39}, 2, {3, 3}, {2, 2}, false)>();
    check_one_sample_pool<pool({7, 5}, 7, {3, 3}, {2, 1}, true)>();
}

TEST_CASE("one_sample pooling2d: windows that reach over the border, on one side more than on the other") {
    check_one_sample_pool<pool({7, 9}, 3, {2, 2}, {2, 2}, true)>();
    check_one_sample_pool<pool({6, 5}, 33, {4, 4}, {3, 3}, true)>();
    check_one_sample_pool<pool({3, 2}, 5, {7, 5}, {1, 2}, true)>();
}

TEST_CASE("one_sample pooling2d: the largest cell of a window with a NaN is NaN") {
    const auto check = []<conv2d_geometry G>(std::integral_constant<conv2d_geometry, G>) {
        using form = typename pooling_forms<G>::template maximum<pack<float>>;
        for (std::size_t at = 0; at < 4; ++at) {
            aligned_vector<float> x(4 + 2 * lanes<pack<float>>, 1.f), y(1 + lanes<pack<float>>), scratch(form::scratch);
            x[at] = NAN;
            const forward_context<float> c{.x = x.data(), .y = y.data(), .scratch = scratch.data()};
            form::template run<data_format::channels_last>(c);
            CHECK(std::isnan(y[0]));
            form::template run<data_format::channels_first>(c);
            CHECK(std::isnan(y[0]));
        }
    };
    check(std::integral_constant<conv2d_geometry, pool({2, 2}, 1, {2, 2}, {2, 2}, false)>{});
    check(std::integral_constant<conv2d_geometry, pool({2, 2}, 1, {2, 2}, {3, 3}, true)>{});
}
