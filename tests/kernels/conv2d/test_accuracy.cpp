#include "strata/kernels/conv2d/conv2d.hpp"

#include "kernels/conv2d/conv2d_check.hpp"

#include <cmath>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

/// The root mean square of what a pass is off by.
double error(const samples& found, const samples& expected) {
    double sum = 0;
    std::size_t count = 0;
    for (std::size_t n = 0; n < expected.size(); ++n) {
        count += expected[n].size();
        for (std::size_t i = 0; i < expected[n].size(); ++i) sum += std::pow(found[n][i] - expected[n][i], 2);
    }
    return std::sqrt(sum / static_cast<double>(count));
}

struct errors {
    double y, dx, dw;
};

template <class Passes, conv2d_geometry G, class V>
errors errors_of(const aligned_vector<V>& x, const aligned_vector<V>& dz, const convolved& expected) {
    const passes_run<Passes, G, kernels::linear, false, V> run(x, dz);
    return {error(all_lanes(run.y), expected.y), error(all_lanes(run.dx), expected.dx),
            error({{run.dw.begin(), run.dw.end()}}, {expected.dw})};
}

/// Compares the forms that are chosen with the direct ones. Forward passes of few channels sum up little, so that what
/// the transformations themselves are off by counts there.
template <convolution C, class V = pack<float>> void check_errors() {
    constexpr conv2d_geometry G = C.geometry();
    INFO(words(G));
    using run = conv2d_results<G, V>;
    const auto x = random_lanes<V>(run::inputs, 3), dz = random_lanes<V>(run::outputs, 4);
    const auto expected =
        textbook(G, kernels::linear::apply<double>, false, all_lanes(x), all_lanes(dz), conv2d_parameters<double>(G));
    const auto chosen = errors_of<kernels::conv2d<G, V>, G>(x, dz, expected);
    const auto direct = errors_of<kernels::conv2d_passes<kernels::conv2d_form::direct, G, V>, G>(x, dz, expected);
    CHECK(chosen.y <= 2 * direct.y);
    CHECK(chosen.dx <= 1.5 * direct.dx);
    CHECK(chosen.dw <= 1.5 * direct.dw);
}

}  // namespace

TEST_CASE("conv2d: the forms that are chosen are nearly as exact as the direct ones") {
    check_errors<convolution{{32, 32}, 3, 20, {5, 5}}>();
    check_errors<convolution{{14, 14}, 6, 16, {5, 5}}>();
    check_errors<convolution{{14, 14}, 32, 32, {5, 5}, true}>();
    check_errors<convolution{{24, 24}, 16, 8, {5, 5}, true}>();
    check_errors<convolution{{16, 16}, 16, 16, {3, 3}, true}>();
    check_errors<convolution{{32, 32}, 3, 32, {3, 3}, true}>();
}
