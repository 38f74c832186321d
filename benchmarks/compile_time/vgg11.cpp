/// VGG-11 for images of CIFAR's size, trained and asked: how long a wide network takes to compile.

#include <array>
#include <cstddef>
#include <strata/strata.hpp>

using namespace strata;

// clang-format off
using VGG11 = Sequential<Input<32, 32, 3>,
    Conv2D<64, Kernel<3>, Same, ReLU>, MaxPooling2D<>,
    Conv2D<128, Kernel<3>, Same, ReLU>, MaxPooling2D<>,
    Conv2D<256, Kernel<3>, Same, ReLU>, Conv2D<256, Kernel<3>, Same, ReLU>, MaxPooling2D<>,
    Conv2D<512, Kernel<3>, Same, ReLU>, Conv2D<512, Kernel<3>, Same, ReLU>, MaxPooling2D<>,
    Conv2D<512, Kernel<3>, Same, ReLU>, Conv2D<512, Kernel<3>, Same, ReLU>, MaxPooling2D<>,
    Flatten, Dense<4096, ReLU>, Dense<4096, ReLU>, Dense<10, Softmax>>;
// clang-format on

int main() {
    const Tensor<float, 4> images(std::array<std::size_t, 4>{32, 32, 32, 3});
    const Tensor<int, 1> labels(std::array<std::size_t, 1>{32});
    VGG11 model;
    auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{});
    training.fit(images, labels);
    return model.predict(images)(0, 0) >= 0 ? 0 : 1;
}
