/// The tutorial's topology at its best: BatchNormalization, ReLU, maxima, and digits that are distorted a little.

#include "../recipe_of.hpp"
#include "one_cycle.hpp"

using namespace strata;

namespace {

struct Best {
    static constexpr auto name = "best";
    static constexpr auto summary = "the tutorial's topology, distorted digits, 12 epochs";

    using BN = BatchNormalization<Momentum<0.9>>;
    // clang-format off
    using Model = Sequential<
        Input<28, 28, 1>,
        Conv2D<6, Kernel<5>, Same, NoBias>, MaxPooling2D<>, BN, ReLU,
        Conv2D<16, Kernel<5>, NoBias>, MaxPooling2D<>, BN, ReLU,
        Flatten,
        Dense<120, NoBias>, BN, ReLU,
        Dense<84, NoBias>, BN, ReLU,
        Dense<10, Softmax>>;
    // clang-format on

    static constexpr std::size_t epochs = 12, batch_size = 64;
    static auto optimizer(std::size_t steps) {
        return Adam{.learning_rate = lenet5::one_cycle(steps, steps * 15 / 100, 6e-4, 6e-3)};
    }
    static auto loss() { return SparseCategoricalCrossentropy{}; }
    static auto augmentation() {
        constexpr FillMode outside = FillMode::constant;
        return augmentation_list{
            RandomTranslation{.height_factor = 1 / 28.0, .width_factor = 1 / 28.0, .fill_mode = outside},
            RandomRotation{.factor = 0.02, .fill_mode = outside},
            RandomZoom{.height_factor = 0.07, .width_factor = 0.07, .fill_mode = outside},
            RandomShear{.x_factor = 0.05, .fill_mode = outside},
            RandomElasticTransform{.alpha = 12, .sigma = 4, .fill_mode = outside},
        };
    }
};

}  // namespace

constexpr lenet5::recipe lenet5::best = lenet5::recipe_of<Best>();
