/// Which pixels does LeNet-5 look at? The gradient of the loss with respect to an image (a saliency map: Simonyan,
/// Vedaldi, Zisserman 2013), on the terminal beside the digit, and as a grey picture in a file:
///
///     saliency [saliency.pgm [which of the test images]]

#include "terminal_pictures.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <strata/strata.hpp>
#include <string>

using namespace strata;

// clang-format off
using LeNet5 = Sequential<Input<28, 28, 1>,
    Conv2D<6, Kernel<5>, Same, Tanh>, AveragePooling2D<>,
    Conv2D<16, Kernel<5>, Tanh>, AveragePooling2D<>,
    Flatten, Dense<120, Tanh>, Dense<84, Tanh>, Dense<10, Softmax>>;
// clang-format on

int main(int argc, char** argv) try {
    const std::string file = argc > 1 ? argv[1] : "saliency.pgm";
    const std::size_t which = argc > 2 ? std::stoul(argv[2]) : 0;
    const auto [train, test] = mnist::load();
    const mnist::split digit = test.rows(which, which + 1);

    LeNet5 model;
    compile(model, Adam{}, SparseCategoricalCrossentropy{}).fit(train.images, train.labels);

    const auto found = gradients(model, SparseCategoricalCrossentropy{}, digit.images, digit.labels);
    std::printf("loss %f; names:", found.loss);
    for (const std::string& name : found.names()) std::printf(" %s", name.c_str());

    float largest = 1e-30f;
    for (const float derivative : found.input) largest = std::max(largest, std::abs(derivative));
    std::array<std::uint8_t, 28 * 28> pixels;
    std::transform(found.input.begin(), found.input.end(), pixels.begin(), [&](float derivative) {
        return static_cast<std::uint8_t>(std::lround(255 * std::abs(derivative) / largest));
    });

    using terminal_pictures::picture;
    const std::array<picture, 2> pictures{picture{{digit.images.data(), 28 * 28}, std::to_string(digit.labels(0))},
                                          picture{pixels, "saliency"}};
    std::printf("\n\n%s", terminal_pictures::draw_images(pictures, terminal_pictures::colours_of(stdout)).c_str());

    std::ofstream pgm(file, std::ios::binary);
    pgm << "P5\n28 28\n255\n" << std::string(pixels.begin(), pixels.end());
    if (!pgm.flush()) throw file_error(file + ": cannot be written");
    std::printf("\n%s: the saliency as a grey picture\n", file.c_str());
} catch (const std::exception& error) {
    std::fprintf(stderr, "saliency: %s\n", error.what());
    return 1;
}
