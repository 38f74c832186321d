/// The tutorial's network, trained as the tutorial does: what lenet5_mnist does without a recipe.

#include "../recipe_of.hpp"

using namespace strata;

namespace {

struct Tutorial {
    static constexpr auto name = "tutorial";
    static constexpr auto summary = "the Keras tutorial's LeNet-5, Adam, 5 epochs";

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

    static constexpr std::size_t epochs = 5, batch_size = 32;
    static auto optimizer(std::size_t) { return Adam{}; }
    static auto loss() { return SparseCategoricalCrossentropy{}; }
};

}  // namespace

constexpr lenet5::recipe lenet5::tutorial = lenet5::recipe_of<Tutorial>();
