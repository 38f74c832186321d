#include "strata/kernels/conv2d/winograd/rows.hpp"

#include "kernels/conv2d/conv2d_check.hpp"

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

/// Both ways of the forward pass, on every machine.
template <conv2d_geometry G, class Activation, bool Bias, class V>
struct by_rows_run : passes_run<kernels::conv2d_winograd_by_rows<G, V, false>, G, Activation, Bias, V> {
    using in_registers = kernels::conv2d_winograd_by_rows<G, V, true>;
    aligned_vector<V> other_y = unwritten_cells<V>(this->outputs);

    by_rows_run(const aligned_vector<V>& x, const aligned_vector<V>& dz) : by_rows_run::passes_run(x, dz) {
        auto scratch = unwritten_cells<V>(in_registers::scratch);
        const auto* bias = Bias ? this->bias.data() : nullptr;
        in_registers::template forward<Activation, Bias>(x.data(), this->w.data(), bias, other_y.data(),
                                                         scratch.data());
    }
};

template <convolution C, class Activation = kernels::linear, bool Bias = true, class V = pack<float>>
constexpr auto check_by_rows = check_run<by_rows_run, C.geometry(), Activation, Bias, V>;

using kernels::winograd_by_rows_fits;
static_assert(winograd_by_rows_fits(convolution{{8, 8}, 4, 6, {5, 5}}.geometry()));
static_assert(winograd_by_rows_fits(convolution{{8, 8}, 4, 6, {2, 3}, true, {2, 1}, {3, 1}}.geometry()));
static_assert(!winograd_by_rows_fits(convolution{{8, 8}, 4, 6, {5, 4}}.geometry()));
static_assert(!winograd_by_rows_fits(convolution{{8, 8}, 4, 6, {5, 5}, true, {1, 2}}.geometry()));
static_assert(!winograd_by_rows_fits(convolution{{8, 8}, 4, 6, {3, 3}, true, {1, 1}, {1, 2}}.geometry()));
static_assert(!winograd_by_rows_fits(convolution{{8, 8}, 4, 6, {5, 5}, true, {1, 1}, {1, 1}, 2}.geometry()));

}  // namespace

TEST_CASE("conv2d_winograd_by_rows: kernels of 5 columns") {
    check_by_rows<convolution{{14, 14}, 6, 16, {5, 5}}, kernels::relu>();
    check_by_rows<convolution{{8, 8}, 4, 6, {5, 5}, true}>();
    check_by_rows<convolution{{7, 11}, 3, 5, {5, 5}, true}, kernels::relu, false>();
    check_by_rows<convolution{{8, 9}, 1, 7, {5, 5}}>();
    check_by_rows<convolution{{8, 9}, 3, 7, {5, 5}, true}, kernels::tanh, true, pack<double>>();
}

TEST_CASE("conv2d_winograd_by_rows: kernels of 3 columns") {
    check_by_rows<convolution{{8, 8}, 3, 8, {3, 3}, true}, kernels::relu>();
    check_by_rows<convolution{{7, 6}, 5, 3, {3, 3}}>();
}

TEST_CASE("conv2d_winograd_by_rows: any rows, strides and dilation of rows") {
    check_by_rows<convolution{{9, 7}, 4, 6, {4, 5}, true}>();
    check_by_rows<convolution{{9, 8}, 4, 6, {1, 3}}>();
    check_by_rows<convolution{{11, 8}, 3, 5, {3, 5}, true, {2, 1}}>();
    check_by_rows<convolution{{12, 9}, 3, 5, {3, 3}, true, {1, 1}, {2, 1}}>();
}

TEST_CASE("conv2d_winograd_by_rows: rows shorter than a window") {
    check_by_rows<convolution{{3, 1}, 4, 5, {5, 5}, true}>();
    check_by_rows<convolution{{2, 3}, 3, 8, {5, 5}, true}>();
    check_by_rows<convolution{{5, 5}, 3, 11, {5, 5}}>();
    check_by_rows<convolution{{4, 2}, 3, 8, {3, 3}, true}>();
}

TEST_CASE("conv2d_winograd_by_rows: more channels and filters than lanes") {
    check_by_rows<convolution{{9, 6}, 19, 34, {5, 5}}>();
    check_by_rows<convolution{{6, 5}, 33, 17, {3, 3}, true}>();
}

TEST_CASE("conv2d_winograd_by_rows: sums in registers where these, caches and the core allow it") {
    constexpr convolution small{{6, 9}, 3, 4, {5, 5}, true}, large{{6, 9}, 34, 41, {5, 5}, true};
    STATIC_REQUIRE(kernels::by_rows_in_registers(small.geometry()) == (vector_registers >= 32 && !outruns_caches));
    STATIC_REQUIRE(!kernels::by_rows_in_registers(large.geometry()));
    check_by_rows<large, kernels::relu>();
    check_by_rows<large, kernels::linear, false>();
}
