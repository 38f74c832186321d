/// What augmentation makes of digits: four of MNIST, each as it is and as eight epochs would see it, in a grey picture.
///
///     augment [augmented_digits.pgm]

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <fstream>
#include <strata/data.hpp>
#include <strata/strata.hpp>
#include <string>

using namespace strata;

int main(int argc, char** argv) try {
    const std::string file = argc > 1 ? argv[1] : "augmented_digits.pgm";
    constexpr std::size_t digits = 4, epochs = 8, side = 28, width = (1 + epochs) * side;
    const auto images = mnist::load().train.rows(0, digits).images;

    constexpr FillMode outside = FillMode::constant;  // zeros, as around a digit
    const augmentation_list list{RandomTranslation{.height_factor = 0.07, .width_factor = 0.07, .fill_mode = outside},
                                 RandomRotation{.factor = 0.03, .fill_mode = outside},  // 11 degrees either way
                                 RandomZoom{.height_factor = 0.1, .width_factor = 0.1, .fill_mode = outside},
                                 RandomElasticTransform{.alpha = 34, .sigma = 4, .fill_mode = outside},
                                 RandomBrightness{.factor = 0.1},
                                 RandomContrast{.factor = 0.2},
                                 RandomGaussianNoise{.stddev = 0.05},
                                 RandomErasing{.factor = 0.5, .scale = {0.02, 0.1}}};

    std::string picture(digits * side * width, '\0');
    const auto draw = [&](const Tensor<float, 4>& column_of_digits, std::size_t column) {
        for (std::size_t row = 0; row < digits * side; ++row)
            for (std::size_t i = 0; i < side; ++i) {
                const float grey = std::clamp(column_of_digits.data()[row * side + i], 0.0f, 1.0f);
                picture[row * width + column * side + i] = static_cast<char>(std::lround(255 * grey));
            }
    };
    draw(augment(images, augmentation_list{}), 0);
    for (std::size_t epoch = 0; epoch < epochs; ++epoch)
        draw(augment(images, list, {.seed = 1, .epoch = epoch}), epoch + 1);

    std::ofstream pgm(file, std::ios::binary);
    pgm << "P5\n" << width << ' ' << digits * side << "\n255\n" << picture;
    if (!pgm.flush()) throw file_error(file + ": cannot be written");
    std::printf("%s: %zu digits, each followed by what %zu epochs see\n", file.c_str(), digits, epochs);
} catch (const std::exception& error) {
    std::fprintf(stderr, "augment: %s\n", error.what());
    return 1;
}
