/// A pattern with all that a recipe may have: the tutorial's network, digits that are moved at random, a schedule, an
/// average of the parameters, and targets that are smoothed.

#include "../recipe_of.hpp"

using namespace strata;

namespace {

struct AugmentedTutorial {
    static constexpr auto name = "augmented-tutorial";
    static constexpr auto summary = "the tutorial's network, moved digits, 10 epochs";

    // clang-format off
    using Model = Sequential<
        Input<28, 28, 1>,
        Conv2D<6, Kernel<5>, Same, Tanh>,
        AveragePooling2D<>,
        Conv2D<16, Kernel<5>, Tanh>,
        AveragePooling2D<>,
        Flatten,
        Dense<120, Tanh>,
        Dense<84, Tanh>,
        Dense<10, Softmax>>;
    // clang-format on

    static constexpr std::size_t epochs = 10, batch_size = 32;
    static auto optimizer(std::size_t steps) {
        return OptimizerWith{Adam{.learning_rate = CosineDecay{.initial_learning_rate = 2e-3, .decay_steps = steps}},
                             {.use_ema = true}};
    }
    static auto loss() { return CategoricalCrossentropy{.label_smoothing = 0.05}; }
    static auto augmentation() {
        constexpr FillMode outside = FillMode::constant;
        return augmentation_list{
            RandomTranslation{.height_factor = 0.07, .width_factor = 0.07, .fill_mode = outside},
            RandomRotation{.factor = 0.03, .fill_mode = outside},
        };
    }
};

}  // namespace

constexpr lenet5::recipe lenet5::augmented_tutorial = lenet5::recipe_of<AugmentedTutorial>();
