// Compiled twice, with other instruction sets and another name for UNIT.
#include "unit.hpp"

#include "strata/io/checkpoint.hpp"
#include "strata/strata.hpp"

#include <array>
#include <cstdint>
#include <fstream>

using namespace strata::authoring;

namespace {

template <class T, std::size_t Rank> Tensor<T, Rank> waves(std::array<std::size_t, Rank> shape) {
    Tensor<T, Rank> values(shape);
    T x = 0;
    for (T& value : values) {
        x += T(0.7);
        value = x - static_cast<T>(static_cast<int>(x));
    }
    return values;
}

std::vector<double> train_line() {
    const auto x = waves<double, 2>({50, 1});
    auto y = x;
    for (double& value : y) value = 2 * value + 1;
    basic_sequential<double, Input<1>, Dense<1>> model;
    compile(model, Adam{.learning_rate = 0.02}, MeanSquaredError{}).fit(x, y, {.epochs = 400, .verbose = 0});
    return {model.parameters().begin(), model.parameters().end()};
}

void train_classifier(const std::string& folder, findings& found) {
    const auto x = waves<float, 4>({40, 7, 7, 2});
    Tensor<std::int32_t, 1> y(std::array<std::size_t, 1>{40});
    for (std::size_t n = 0; n < 40; ++n) y(n) = static_cast<std::int32_t>(n % 3);
    using Model =
        Sequential<Input<7, 7, 2>, Conv2D<5, Same, Tanh>, MaxPooling2D<>, Flatten, Dense<9, ELU>, Dense<3, Softmax>>;
    Model model(1);
    compile(model, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{}).fit(x, y, {.epochs = 2, .verbose = 0});
    const auto keep = [&](const Model& from, std::vector<double>& to) {
        for (const float value : from.predict(x)) to.push_back(static_cast<double>(value));
    };
    keep(model, found.predictions);
    model.save(folder + "/model.safetensors");
    Model other(2);
    other.load(folder + "/model.safetensors");
    keep(other, found.loaded);
}

std::vector<int> read_labels(const std::string& folder) {
    const unsigned char bytes[] = {0, 0, 8, 1, 0, 0, 0, 3, 7, 0, 9};
    std::ofstream(folder + "/labels", std::ios::binary).write(reinterpret_cast<const char*>(bytes), sizeof bytes);
    const idx_array labels = read_idx(folder + "/labels", {.extents = {3}});
    return {labels.values.begin(), labels.values.end()};
}

}  // namespace

findings UNIT(const std::string& folder) {
    findings found{lanes<pack<float>>, train_line(), {}, {}, read_labels(folder)};
    train_classifier(folder, found);
    return found;
}
