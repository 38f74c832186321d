/// LeNet-5 as it was published in 1998 (examples/lenet5_1998), on the digits as they are and on distorted ones.

#include "../../lenet5_1998/network.hpp"
#include "../recipe_of.hpp"

using namespace strata;

namespace {

struct Published {
    static constexpr auto name = "1998";
    static constexpr auto summary = "LeNet-5 as it was published in 1998, 20 epochs";

    using Model = lenet5_1998::LeNet5;
    static constexpr std::size_t epochs = 20, batch_size = lenet5_1998::usual_batch_size;
    static auto optimizer(std::size_t steps) {
        const std::size_t pass = steps / epochs;
        PiecewiseConstantDecay rate;
        for (std::size_t epoch = 0; epoch < epochs; ++epoch) {
            if (epoch > 0) rate.boundaries.push_back(epoch * pass - 1);
            rate.values.push_back(lenet5_1998::rate_of_pass(epoch));
        }
        return StochasticDiagonalLM{.learning_rate = rate};
    }
    static auto loss() { return MaximumAPosteriori{}; }
};

struct Distorted : Published {
    static constexpr auto name = "1998-distorted";
    static constexpr auto summary = "the same on distorted digits, 20 epochs";

    static auto augmentation() { return lenet5_1998::distortions(); }
};

}  // namespace

constexpr lenet5::recipe lenet5::lenet5_1998 = lenet5::recipe_of<Published>();
constexpr lenet5::recipe lenet5::lenet5_1998_distorted = lenet5::recipe_of<Distorted>();
