#include "strata/model/one_sample_pass.hpp"

#include "strata/layers/composites.hpp"
#include "strata/layers/conv2d.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/merging.hpp"
#include "strata/layers/pooling2d.hpp"
#include "strata/layers/reshape.hpp"
#include "strata/model/network_pass.hpp"
#include "support/catch.hpp"
#include "support/lanes.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

/// A layer as a user writes it: y = x, and from the second cell on the cell before is added.
struct AddCellBefore {
    static constexpr std::string_view class_name = "AddCellBefore";

    template <class In> struct on {
        using output = In;
        static constexpr auto parameters = no_parameters;

        static constexpr stage_needs needs{.scratch = In::size, .kept = 1};

        template <class V> static void forward(forward_context<V> c) {
            std::copy_n(c.x, In::size, c.scratch);
            c.kept[0] = c.y[0] = c.x[0];
            for (std::size_t i = 1; i < In::size; ++i) c.y[i] = c.scratch[i] + c.scratch[i - 1];
        }
        template <bool InputGradient, class V> static void backward(backward_context<V>) {}
    };
};

/// A network of one sample in its one-sample form against the same network in double, cell by cell.
template <class In, class... Layers> void check_pass() {
    using network = strata::authoring::network<typename In::output, Layers...>;
    constexpr std::size_t inputs = network::input::size, outputs = network::output::size;
    const auto x = random_values(inputs, 1), values = random_values(network::value_count, 2);
    aligned_vector<double> cells(network::template inference_cells<double>);
    std::copy(x.begin(), x.end(), cells.begin());
    const double* y = network_pass<network, double>::predict(cells.data(), values.data());
    const aligned_vector<double> expected(y, y + outputs);

    for_each_pack([&]<class V>(const V&, const char* name) {
        INFO(name);
        using T = scalar_t<V>;
        using pass = one_sample_pass<typename network::written, V>;
        aligned_vector<T> arena(values.begin(), values.end());
        arena.resize(arena.size() + lanes<V>);
        auto workspace = unwritten_cells<T>(pass::cells);
        std::copy(x.begin(), x.end(), workspace.begin());
        const T* found = pass::run(workspace.data(), arena.data());
        CHECK(relative_error(aligned_vector<T>(found, found + outputs), expected) < rounding<V>);
    });
}

}  // namespace

// With 2 or 3 filters the lanes of a convolution run over columns, and its result has its channels first.

TEST_CASE("one_sample_pass: every kind of layer in a row") {
    check_pass<Input<12, 12, 1>, Conv2D<3, Same, Tanh>, AveragePooling2D<>, Conv2D<16, ReLU>, MaxPooling2D<>, Flatten,
               Dense<9, ELU>, Dense<5, Softmax>>();
    check_pass<Input<9, 20, 2>, Conv2D<2, GELU>, MaxPooling2D<Pool<3>, Strides<1>>, Conv2D<3, Same>, Sigmoid,
               GlobalAveragePooling2D<>, Dense<4>>();
}

TEST_CASE("one_sample_pass: channels come last where a layer or the user needs it") {
    check_pass<Input<6, 7, 1>, Conv2D<3, Same>>();
    check_pass<Input<6, 7, 1>, Conv2D<3, Same>, AveragePooling2D<>>();
    check_pass<Input<6, 7, 1>, Conv2D<3, Same>, Flatten>();
    check_pass<Input<6, 7, 1>, Conv2D<2, Same>, Reshape<7, 12>, Dense<3>>();
    check_pass<Input<6, 7, 1>, Conv2D<3, Same, Softmax>>();
    check_pass<Input<6, 7, 1>, Conv2D<2, Same>, Permute<3, 1, 2>, Conv2D<2, Same>>();
    check_pass<Input<6, 7, 1>, Conv2D<2, Same>, AddCellBefore, Conv2D<2>>();
    check_pass<Input<6, 7, 3>, Conv2D<2, Same>, GlobalMaxPooling2D<KeepDims>, Conv2D<2, Same>, Flatten>();
}

TEST_CASE("one_sample_pass: layers that only give another shape") {
    check_pass<Input<2, 3, 2>, Flatten>();
    check_pass<Input<12>, Reshape<2, 3, 2>, Conv2D<2, Same>, Flatten, Reshape<3, 4>>();
}

TEST_CASE("one_sample_pass: branches, and merges that read channels from two formats") {
    check_pass<Input<6, 7, 2>, Conv2D<3, Same>, Residual<Conv2D<3, Same, Tanh>, Conv2D<3, Same>>, ReLU,
               Concatenate<Branch<AveragePooling2D<>>, Branch<Conv2D<2, Strides<2>, Kernel<2>>>>, Flatten, Dense<3>>();
    check_pass<Input<6, 7, 1>, Multiply<Branch<Conv2D<2, Same>>, Branch<Conv2D<2, Same>, Sigmoid>>,
               Add<Branch<>, Branch<AddCellBefore>, Branch<Permute<1, 2, 3>>>>();
    check_pass<Input<3, 2>, Maximum<Branch<>, Branch<Tanh>>, Average<Branch<Flatten, Tanh>, Branch<Flatten>>,
               Residual<Dense<6>, Shortcut<Dense<6>>>>();
}
