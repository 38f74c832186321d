/// Fifty layers of weights, trained and asked: how long a deep network takes to compile.

#include <array>
#include <cstddef>
#include <strata/strata.hpp>

using namespace strata;

// clang-format off
using Deep50 = Sequential<Input<32, 32, 3>,
    Conv2D<16, Same, ReLU>, Conv2D<16, Same, ReLU>, Conv2D<16, Same, ReLU>, Conv2D<16, Same, ReLU>,
    Conv2D<16, Same, ReLU>, Conv2D<16, Same, ReLU>, Conv2D<16, Same, ReLU>, Conv2D<16, Same, ReLU>,
    Conv2D<16, Same, ReLU>, Conv2D<16, Same, ReLU>, Conv2D<16, Same, ReLU>, Conv2D<16, Same, ReLU>, MaxPooling2D<>,
    Conv2D<32, Same, ReLU>, Conv2D<32, Same, ReLU>, Conv2D<32, Same, ReLU>, Conv2D<32, Same, ReLU>,
    Conv2D<32, Same, ReLU>, Conv2D<32, Same, ReLU>, Conv2D<32, Same, ReLU>, Conv2D<32, Same, ReLU>,
    Conv2D<32, Same, ReLU>, Conv2D<32, Same, ReLU>, Conv2D<32, Same, ReLU>, Conv2D<32, Same, ReLU>, MaxPooling2D<>,
    Conv2D<64, Same, ReLU>, Conv2D<64, Same, ReLU>, Conv2D<64, Same, ReLU>, Conv2D<64, Same, ReLU>,
    Conv2D<64, Same, ReLU>, Conv2D<64, Same, ReLU>, Conv2D<64, Same, ReLU>, Conv2D<64, Same, ReLU>,
    Conv2D<64, Same, ReLU>, Conv2D<64, Same, ReLU>, Conv2D<64, Same, ReLU>, Conv2D<64, Same, ReLU>, MaxPooling2D<>,
    Conv2D<128, Same, ReLU>, Conv2D<128, Same, ReLU>, Conv2D<128, Same, ReLU>, Conv2D<128, Same, ReLU>,
    Conv2D<128, Same, ReLU>, Conv2D<128, Same, ReLU>, Conv2D<128, Same, ReLU>, Conv2D<128, Same, ReLU>,
    Conv2D<128, Same, ReLU>, Conv2D<128, Same, ReLU>, MaxPooling2D<>,
    Flatten, Dense<256, ReLU>, Dense<128, ReLU>, Dense<64, ReLU>, Dense<10, Softmax>>;
// clang-format on

int main() {
    const Tensor<float, 4> images(std::array<std::size_t, 4>{32, 32, 32, 3});
    const Tensor<int, 1> labels(std::array<std::size_t, 1>{32});
    Deep50 model;
    auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{});
    training.fit(images, labels);
    return model.predict(images)(0, 0) >= 0 ? 0 : 1;
}
