#include "strata/kernels/one_sample/activation.hpp"

#include "kernels/one_sample/one_sample_check.hpp"
#include "strata/kernels/activation/functions.hpp"
#include "strata/kernels/activation/rows.hpp"

#include <cfenv>
#include <cstddef>
#include <limits>
#include <numeric>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

template <class Function, std::size_t N> struct elementwise_forms {
    template <class V> using form = kernels::one_sample::elementwise<Function, N, V>;
};

template <class Function, std::size_t N> void check_elementwise() {
    INFO(N << " cells");
    const auto x = random_values(N, 1);
    aligned_vector<double> expected = x;
    kernels::activate<Function>(expected.data(), N);
    check_form<elementwise_forms<Function, N>::template form, shape<N>, shape<N>>(x, {}, expected);
}

template <class Function> void check_sizes() {
    check_elementwise<Function, 1>();
    check_elementwise<Function, 16>();
    check_elementwise<Function, 37>();
}

template <std::size_t Rows, std::size_t Columns> struct softmax_forms {
    template <class V> using form = kernels::one_sample::softmax<Rows, Columns, V>;
};

template <std::size_t Rows, std::size_t Columns> struct log_softmax_forms {
    template <class V> using form = kernels::one_sample::log_softmax<Rows, Columns, V>;
};

template <std::size_t Rows, std::size_t Columns> void check_one_sample_softmax() {
    INFO(Rows << " rows, " << Columns << " columns");
    auto x = random_values(Rows * Columns, 1);
    for (double& logit : x) logit *= 20;
    using rows = shape<Rows, Columns>;
    aligned_vector<double> expected(Rows * Columns);
    std::feclearexcept(FE_ALL_EXCEPT);
    kernels::softmax_forward<Rows, Columns>(x.data(), expected.data());
    check_form<softmax_forms<Rows, Columns>::template form, rows, rows>(x, {}, expected);
    kernels::log_softmax_forward<Rows, Columns>(x.data(), expected.data());
    check_form<log_softmax_forms<Rows, Columns>::template form, rows, rows>(x, {}, expected);
    CHECK(std::fetestexcept(FE_INVALID) == 0);  // not even in lanes behind a row
}

}  // namespace

TEST_CASE("one_sample activations: numbers of cells that fill no vector, one, and some") {
    check_sizes<kernels::linear>();
    check_sizes<kernels::relu>();
    check_sizes<kernels::sigmoid>();
    check_sizes<kernels::tanh>();
    check_sizes<kernels::elu>();
    check_sizes<kernels::gelu>();
    check_sizes<kernels::softplus>();
}

TEST_CASE("one_sample activations in place apply once") {
    for_each_pack([]<class V>(const V&, const char* name) {
        INFO(name);
        using T = scalar_t<V>;
        struct add_one {
            static V apply(const V& z) { return z + V(T(1)); }
        };
        constexpr std::size_t N = 2 * lanes<V> + 1;  // the last vector overlaps
        aligned_vector<T> cells(N);
        std::iota(cells.begin(), cells.end(), T(0));
        kernels::one_sample::apply<add_one, V>(cells.data(), N, cells.data());
        for (std::size_t i = 0; i < N; ++i) CHECK(cells[i] == T(i + 1));
    });
}

TEST_CASE("one_sample softmax and its logarithm: rows of one, of some and of many columns") {
    check_one_sample_softmax<2, 1>();
    check_one_sample_softmax<1, 10>();
    check_one_sample_softmax<3, 16>();
    check_one_sample_softmax<3, 37>();
}

TEST_CASE("one_sample softmax of logits that would overflow, or of minus infinity") {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    check_form<softmax_forms<1, 3>::template form, shape<3>, shape<3>>({1000, -infinity, 1000}, {}, {0.5, 0, 0.5});
}
