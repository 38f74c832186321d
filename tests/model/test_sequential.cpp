#include "strata/model/sequential.hpp"

#include "support/catch.hpp"
#include "support/lenet5.hpp"
#include "support/small_models.hpp"
#include "support/xtensor.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

using namespace strata::authoring;
using test::LeNet5;
using test::parameters_of;

static_assert(LeNet5::parameter_count == 61706);
static_assert(std::is_same_v<LeNet5::input, shape<28, 28, 1>> && std::is_same_v<LeNet5::output, shape<10>>);
static_assert(std::is_same_v<LeNet5::value_type, float> && std::is_same_v<LeNet5::with<double>::value_type, double>);
static_assert(std::is_same_v<LeNet5::with<double>::with<float>, LeNet5>);
#ifndef STRATA_SCALAR  // where all convolutions are direct
// The second convolution's transformed images, 14 rows of 5 windows of 6 x 6 cells and 10 of 6 x 16, and weights; where
// it is direct, as it is in float where multiply-adds outrun the caches, none.
template <class T>
constexpr std::size_t by_rows = 14 * 5 * 36 + 10 * 5 * 96 + (5 * 6 * 96 + lanes<pack<T>> - 1) / lanes<pack<T>>;
constexpr std::size_t scratch = outruns_caches ? 0 : by_rows<float>;
// In the backward pass through it: the image, what both convolutions made, the first pool's result, the gradients of
// that, of the second pool's result and of what the second convolution made. Pieces that come and go leave gaps at
// times.
constexpr std::size_t most_cells = 784 + (4704 + 1600) + 1176 + (1176 + 400 + 1600);
constexpr std::size_t gaps = outruns_caches ? 400 : 0;
static_assert(LeNet5::training_workspace >= (most_cells + scratch) * sizeof(pack<float>) &&
              LeNet5::training_workspace <= (most_cells + scratch + gaps) * sizeof(pack<float>));
static_assert(LeNet5::with<double>::training_workspace == (most_cells + by_rows<double>)*sizeof(pack<double>));
// While predicting: a convolution with its pool, and what they read. The 61,706 parameters outweigh the widest
// activation: several packs are predicted at once.
static_assert(LeNet5::inference_workspace == LeNet5::network::samples_at_once<pack<float>> *
                                                 std::max<std::size_t>(784 + 4704 + 1176, 1176 + 1600 + 400 + scratch) *
                                                 sizeof(pack<float>));
#endif
// The tutorial's other form, 3 x 3 kernels on 32 x 32 images.
static_assert(Sequential<Input<32, 32, 1>, Conv2D<6>, AveragePooling2D<>, Conv2D<16>, AveragePooling2D<>, Flatten,
                         Dense<120>, Dense<84>, Dense<10>>::parameter_count == 81194);
static_assert(Sequential<Input<3, 3>, Flatten>::parameter_count == 0);

TEST_CASE("summary_rows are the layers with their shapes and parameters") {
    const std::vector<std::tuple<std::string, std::string, std::vector<std::size_t>, std::size_t>> expected{
        {"conv2d", "Conv2D", {28, 28, 6}, 156},
        {"average_pooling2d", "AveragePooling2D", {14, 14, 6}, 0},
        {"conv2d_1", "Conv2D", {10, 10, 16}, 2416},
        {"average_pooling2d_1", "AveragePooling2D", {5, 5, 16}, 0},
        {"flatten", "Flatten", {400}, 0},
        {"dense", "Dense", {120}, 48120},
        {"dense_1", "Dense", {84}, 10164},
        {"dense_2", "Dense", {10}, 850}};  // the hidden Softmax is no row of its own
    const auto rows = LeNet5{}.summary_rows();
    REQUIRE(rows.size() == expected.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto& [name, type, output, parameters] = expected[i];
        CHECK(rows[i].name == name);
        CHECK(rows[i].type == type);
        CHECK(rows[i].output == output);
        CHECK(rows[i].parameters == parameters);
    }
}

TEST_CASE("value_table covers the arena, in Keras' names, shapes and order") {
    const LeNet5 model;
    const auto table = model.value_table();
    REQUIRE(table.size() == 10);
    std::size_t next = 0;
    for (const parameter_entry& entry : table) {
        std::size_t size = 1;
        for (const std::size_t extent : entry.shape) size *= extent;
        CHECK(entry.size == size);
        CHECK(entry.offset == next);
        next += entry.size;
    }
    CHECK(next == LeNet5::parameter_count);
    CHECK(table[0].name == "conv2d/kernel");
    CHECK(table[0].shape == std::vector<std::size_t>{5, 5, 1, 6});
    CHECK(table[1].name == "conv2d/bias");
    CHECK(table[2].name == "conv2d_1/kernel");
    CHECK(table[2].shape == std::vector<std::size_t>{5, 5, 6, 16});
    CHECK(table[4].name == "dense/kernel");
    CHECK(table[4].shape == std::vector<std::size_t>{400, 120});
    CHECK(table[9].name == "dense_2/bias");
    CHECK(table[9].shape == std::vector<std::size_t>{10});
}

TEST_CASE("names follow the classes of the layers") {
    using Model =
        Sequential<Input<4, 4, 1>, Conv2D<2, GELU>, ReLU, Reshape<8>, Dense<4, NoBias>, ReLU, GELU, Dense<2>, Softmax>;
    std::vector<std::string> rows, parameters;
    for (const auto& row : Model{}.summary_rows()) rows.push_back(row.name);
    for (const auto& entry : Model{}.value_table()) parameters.push_back(entry.name);
    CHECK(rows ==
          std::vector<std::string>{"conv2d", "re_lu", "reshape", "dense", "re_lu_1", "gelu", "dense_1", "softmax"});
    CHECK(parameters ==
          std::vector<std::string>{"conv2d/kernel", "conv2d/bias", "dense/kernel", "dense_1/kernel", "dense_1/bias"});
}

TEST_CASE("a model that only gives other shapes predicts its input") {
    const Sequential<Input<2, 3>, Flatten> flat;
    const xt::xtensor<float, 3> x{{{1, 2, 3}, {4, 5, 6}}, {{7, 8, 9}, {10, 11, 12}}};
    const auto y = flat.predict(x);
    CHECK(y.shape()[1] == 6);
    CHECK(std::equal(x.begin(), x.end(), y.begin()));
    const Sequential<Input<6>, Reshape<3, 2>> shaped;
    const auto z = shaped.predict(y);
    CHECK(z.shape()[1] == 3);
    CHECK(std::equal(x.begin(), x.end(), z.begin()));
}

TEST_CASE("Softmax as a layer at the end is the option of Dense") {
    using Option = Sequential<Input<6, 6, 1>, Flatten, Dense<5, Tanh>, Dense<3, Softmax>>;
    using Layer = Sequential<Input<6, 6, 1>, Flatten, Dense<5, Tanh>, Dense<3>, Softmax>;
    const auto data = test::make_images(40);
    Option option(2);
    Layer layer(2);
    CHECK((option.predict(data.x) == layer.predict(data.x)));
    const auto fit = [&](auto& model) {
        return compile(model, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{})
            .fit(data.x, data.y, {.epochs = 3, .verbose = 0});
    };
    const History a = fit(option), b = fit(layer);
    CHECK(a["loss"] == b["loss"]);
    CHECK((parameters_of(option) == parameters_of(layer)));

    // The same as logits with from_logits, where there is no Softmax at all.
    Sequential<Input<6, 6, 1>, Flatten, Dense<5, Tanh>, Dense<3>> logits(2);
    auto training = compile(logits, Adam{}, SparseCategoricalCrossentropy{.from_logits = true});
    const History c = training.fit(data.x, data.y, {.epochs = 3, .verbose = 0});
    CHECK(c["loss"] == a["loss"]);
    CHECK((parameters_of(logits) == parameters_of(option)));
}

// A probability of 1e-30 would be 0 in float after Softmax, and its clipped logarithm 16.1 with a gradient of 0.
TEST_CASE("a loss behind Softmax never takes the logarithm of a rounded probability") {
    Sequential<Input<2>, Dense<2, Softmax>> model;
    const std::array<float, 6> sure{200, 0, 0, 200, 0, 0};
    std::copy(sure.begin(), sure.end(), model.parameters().begin());
    auto training = compile(model, SGD{.learning_rate = 1}, SparseCategoricalCrossentropy{});
    const xt::xtensor<float, 2> x{{1, 0}};
    const xt::xtensor<int, 1> wrong{1};
    CHECK(model.predict(x)(0, 1) == 0);
    CHECK(training.evaluate(x, wrong, {.verbose = 0})[0] == 200);
    training.fit(x, wrong, {.verbose = 0});
    CHECK(model.parameters()[0] == 199);  // the full gradient, p - y, is 1 and -1
    CHECK(model.parameters()[1] == 1);
}

TEST_CASE("a model in double computes in double") {
    const auto data = test::make_images<double>(20);
    const test::Classifier single(6);
    test::Classifier::with<double> precise(6);
    const auto coarse = single.predict(data.x);
    const auto fine = precise.predict(data.x);
    static_assert(std::is_same_v<decltype(fine)::value_type, double>);
    double largest = 0;
    for (std::size_t i = 0; i < coarse.size(); ++i) {
        largest = std::max(largest, std::abs(static_cast<double>(coarse.data()[i]) - fine.data()[i]));
    }
    CHECK(largest > 1e-12);
    CHECK(largest < 1e-6);
    for (std::size_t n = 0; n < 20; ++n) CHECK(fine(n, 0) + fine(n, 1) + fine(n, 2) == Approx(1).epsilon(1e-14));
}
