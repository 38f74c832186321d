#include "strata/model/one_sample_pass.hpp"

#include "strata/layers/conv2d.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/pooling2d.hpp"
#include "strata/layers/reshape.hpp"
#include "strata/model/network.hpp"
#include "support/catch.hpp"
#include "support/lanes.hpp"

#include <algorithm>
#include <cstddef>

using namespace strata;
using namespace strata::test;

namespace {

/// A layer as a user writes it: y = x, and from the second cell on the cell before is added.
struct AddCellBefore {
    template <class In> struct on {
        using output = In;
        static constexpr auto parameters = no_parameters;

        template <class V> static void forward(const V* x, const scalar_t<V>*, V* y) {
            y[0] = x[0];
            for (std::size_t i = 1; i < In::size; ++i) y[i] = x[i] + x[i - 1];
        }
    };
};

/// A network of one sample in its one-sample form against the same network in double, cell by cell.
template <class In, class... Layers> void check_pass() {
    using network = strata::network<typename In::output, Layers...>;
    constexpr std::size_t inputs = network::input::size, outputs = network::output::size;
    const auto x = random_values(inputs, 1), parameters = random_values(network::parameter_count, 2);
    aligned_vector<double> cells(network::template inference_cells<double>);
    std::copy(x.begin(), x.end(), cells.begin());
    const double* y = network::predict(cells.data(), parameters.data());
    const aligned_vector<double> expected(y, y + outputs);

    for_each_pack([&]<class V>(const V&, const char* name) {
        INFO(name);
        using T = scalar_t<V>;
        using pass = one_sample_pass<network, V>;
        aligned_vector<T> arena(parameters.begin(), parameters.end());
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
