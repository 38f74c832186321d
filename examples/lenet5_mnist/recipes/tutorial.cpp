/// The tutorial's network, trained as the tutorial does: what lenet5_mnist does without a recipe.

#include "../network.hpp"
#include "../recipe_of.hpp"

using namespace strata;

namespace {

struct Tutorial {
    static constexpr auto name = "tutorial";
    static constexpr auto summary = "the Keras tutorial's LeNet-5, Adam, 5 epochs";

    using Model = lenet5::LeNet5;

    static constexpr std::size_t epochs = 5, batch_size = 32;
    static auto optimizer(std::size_t) { return Adam{}; }
    static auto loss() { return SparseCategoricalCrossentropy{}; }
};

}  // namespace

constexpr lenet5::recipe lenet5::tutorial = lenet5::recipe_of<Tutorial>();
