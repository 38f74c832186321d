#include "strata/kernels/conv2d/conv2d.hpp"

#include "kernels/conv2d/conv2d_check.hpp"

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

using kernels::ordering_is_faster, kernels::taps_on_pixels, kernels::winograd_is_faster;

static_assert(taps_on_pixels(convolution{{5, 4}, 1, 1, {3, 3}}.geometry()) == 9 * 3 * 2);
static_assert(taps_on_pixels(convolution{{5, 4}, 1, 1, {3, 3}, true}.geometry()) == (3 * 5 - 2) * (3 * 4 - 2));
static_assert(taps_on_pixels(convolution{{5, 4}, 1, 1, {3, 2}, true, {2, 1}}.geometry()) == (2 + 3 + 2) * (2 * 4 - 1));

constexpr convolution sixty_four{{32, 32}, 64, 64, {3, 3}, true}, few{{32, 32}, 3, 32, {3, 3}, true},
    small{{2, 2}, 512, 512, {3, 3}, true};
static_assert(winograd_is_faster(sixty_four.geometry()));
static_assert(!winograd_is_faster(few.geometry()) && !winograd_is_faster(small.geometry()));
static_assert(kernels::conv2d<sixty_four.geometry(), pack<float>>::scratch > 0);
static_assert(kernels::conv2d<sixty_four.geometry(), double>::scratch == 0, "plain numbers are the reference");

using kernels::forward_by_rows_is_faster, kernels::winograd_by_rows_is_faster, kernels::costs_of_fast_caches,
    kernels::costs_of_slow_caches;
constexpr convolution of_five_taps{{14, 14}, 6, 16, {5, 5}}, first_of_five_taps{{28, 28}, 1, 6, {5, 5}, true},
    many_of_five_taps{{14, 14}, 64, 64, {5, 5}, true};
static_assert(winograd_by_rows_is_faster(of_five_taps.geometry(), costs_of_fast_caches));
static_assert(!winograd_by_rows_is_faster(of_five_taps.geometry(), costs_of_slow_caches));
static_assert(winograd_by_rows_is_faster(many_of_five_taps.geometry()));
static_assert(!winograd_by_rows_is_faster(first_of_five_taps.geometry()) &&
              !winograd_by_rows_is_faster(few.geometry()));
static_assert(winograd_by_rows_is_faster(convolution{{14, 14}, 6, 16, {4, 5}, false, {2, 1}}.geometry(),
                                         costs_of_fast_caches));

template <convolution C, class V = pack<float>>
constexpr auto forward_form = kernels::conv2d<C.geometry(), V>::forward_form;
constexpr auto by_rows_unless(bool not_here) {
    return not_here ? kernels::conv2d_form::direct : kernels::conv2d_form::winograd_by_rows;
}
constexpr auto in_registers = by_rows_unless(vector_registers < 32 || outruns_caches);
static_assert(forward_form<of_five_taps> == by_rows_unless(outruns_caches));
static_assert(forward_form<many_of_five_taps> == kernels::conv2d_form::winograd_by_rows);
static_assert(forward_form<first_of_five_taps> == in_registers && forward_form<few> == in_registers);
static_assert(forward_form<sixty_four> == kernels::conv2d_form::winograd);

constexpr convolution one_filter{{9, 9}, 3, 1, {5, 5}, true};
static_assert(forward_form<one_filter> == kernels::conv2d_form::direct);
static_assert(kernels::conv2d<one_filter.geometry(), pack<float>>::scratch == 0);

template <convolution C, class V = pack<float>>
constexpr auto weight_gradient_form = kernels::conv2d<C.geometry(), V>::weight_gradient_form;
constexpr convolution few_filters{{17, 13}, 5, 7, {5, 5}, true};
static_assert(weight_gradient_form<of_five_taps> == by_rows_unless(outruns_caches));
static_assert(weight_gradient_form<many_of_five_taps> == kernels::conv2d_form::winograd_by_rows);
static_assert(winograd_by_rows_is_faster(few_filters.geometry(), costs_of_fast_caches));
static_assert(weight_gradient_form<few_filters> == kernels::conv2d_form::direct || lanes<pack<float>> < 8,
              "groups of 7 filters would leave lanes idle");

constexpr convolution one_tap{{14, 14}, 256, 256, {1, 1}};
static_assert(ordering_is_faster(one_tap.geometry()));
static_assert(!ordering_is_faster(few.geometry()) && !ordering_is_faster(small.geometry()));
static_assert(kernels::conv2d<one_tap.geometry(), pack<float>>::scratch * lanes<pack<float>> == 256 * 256);
static_assert(kernels::conv2d<one_tap.geometry(), double>::scratch == 0, "plain numbers are the reference");

/// Whichever form conv2d takes.
template <conv2d_geometry G, class Activation, bool Bias, class V>
using chosen_run = passes_run<kernels::conv2d<G, V>, G, Activation, Bias, V>;

/// The same with both gradients from one call.
template <conv2d_geometry G, class Activation, bool Bias, class V> struct joint_run : conv2d_results<G, V> {
    using passes = kernels::conv2d<G, V>;
    joint_run(const aligned_vector<V>& x, const aligned_vector<V>& dz) {
        auto scratch = unwritten_cells<V>(passes::scratch);
        passes::template forward<Activation, Bias>(x.data(), this->w.data(), this->bias.data(), this->y.data(),
                                                   scratch.data());
        passes::gradients(x.data(), dz.data(), this->w.data(), this->dw.data(), this->dx.data(), scratch.data());
    }
};

}  // namespace

TEST_CASE("conv2d: the form that is chosen computes the same") {
    constexpr auto by_winograd = convolution{{9, 10}, 32, 33, {3, 3}, true}.geometry();
    constexpr auto direct = convolution{{9, 10}, 2, 3, {3, 3}, true}.geometry();
    constexpr auto by_rows = convolution{{9, 10}, 35, 50, {5, 5}, true}.geometry();
    constexpr auto forward_by_rows = convolution{{9, 11}, 1, 9, {5, 5}, true}.geometry();
    constexpr auto of_ordered_weights = convolution{{9, 10}, 18, 23, {5, 6}, true}.geometry();
    STATIC_REQUIRE(winograd_is_faster(by_winograd));
    STATIC_REQUIRE(!winograd_is_faster(direct));
    STATIC_REQUIRE(winograd_by_rows_is_faster(by_rows));
    STATIC_REQUIRE((forward_by_rows_is_faster(forward_by_rows) == (vector_registers >= 32 && !outruns_caches)));
    STATIC_REQUIRE(!winograd_by_rows_is_faster(forward_by_rows));
    STATIC_REQUIRE(ordering_is_faster(of_ordered_weights));
    check_run<chosen_run, by_winograd, kernels::relu, true>();
    check_run<chosen_run, direct, kernels::relu, true>();
    check_run<chosen_run, by_rows, kernels::relu, true>();
    check_run<chosen_run, forward_by_rows, kernels::relu, true>();
    check_run<chosen_run, of_ordered_weights, kernels::relu, true>();
    check_run<chosen_run, of_ordered_weights, kernels::relu, true, pack<double>>();
}

TEST_CASE("conv2d: both gradients from one call") {
    constexpr auto both_by_rows = convolution{{9, 10}, 35, 50, {5, 5}, true}.geometry();
    STATIC_REQUIRE(weight_gradient_form<convolution{{9, 10}, 35, 50, {5, 5}, true}> ==
                   kernels::conv2d_form::winograd_by_rows);
    check_run<joint_run, both_by_rows, kernels::relu, true>();
    check_run<joint_run, of_five_taps.geometry(), kernels::relu, true>();  // both or none
    check_run<joint_run, few_filters.geometry(), kernels::relu, true>();   // none, or that of the input
    check_run<joint_run, convolution{{9, 10}, 2, 3, {3, 3}, true}.geometry(), kernels::relu, true>();
    check_run<joint_run, convolution{{9, 10}, 32, 33, {3, 3}, true}.geometry(), kernels::relu, true>();
}

// 7 filters and 13 columns are no multiple of any tile; a row of 13 has blocks at both edges, in the middle, and a
// rest.

TEST_CASE("conv2d: odd numbers of filters, columns and channels") {
    check_convolution_in_double<convolution{{5, 13}, 3, 7, {3, 3}}, kernels::relu>();
    check_convolution_in_double<convolution{{7, 13}, 1, 7, {5, 5}, true}, kernels::tanh>();
    check_convolution<convolution{{4, 3}, 5, 11, {2, 2}, true}, kernels::linear, false>();
    check_convolution<convolution{{5, 13}, 3, 7, {3, 3}, true}, kernels::tanh, true, pack<double>>();
}
