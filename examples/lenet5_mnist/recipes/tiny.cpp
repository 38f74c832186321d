/// 98 % with at most 575 parameters: depthwise separable convolutions with few channels. At the end, a depthwise
/// convolution as large as what is left of the image tells its places apart, which a global average pool would not.
///
/// BatchNormalization without a scale has one parameter for each channel, as a bias has. Folded into the convolutions,
/// moving averages included, it leaves a network of 568 numbers in all.

#include "../recipe_of.hpp"
#include "one_cycle.hpp"

using namespace strata;

namespace {

struct Tiny {
    static constexpr auto name = "tiny";
    static constexpr auto summary = "568 parameters, separable convolutions, 20 epochs";

    using BN = BatchNormalization<NoScale, Momentum<0.9>>;

    // clang-format off
    using Model = Sequential<
        Input<28, 28, 1>,
        Conv2D<5, Same, NoBias>, MaxPooling2D<>, BN, SiLU,
        SeparableConv2D<7, Same, NoBias>, AveragePooling2D<>, BN, SiLU,
        SeparableConv2D<8, NoBias>, BN, SiLU,
        SeparableConv2D<8, NoBias>, BN, SiLU,
        DepthwiseConv2D<NoBias>, BN, SiLU,
        Flatten,
        Dense<10, NoBias, Softmax>>;
    // clang-format on
    static_assert(Model::parameter_count == 568);

    static constexpr std::size_t epochs = 20, batch_size = 64;
    static auto optimizer(std::size_t steps) {
        return Adam{.learning_rate = lenet5::one_cycle(steps, steps / 10, 0.001, 0.02), .beta_2 = 0.99};
    }
    static auto loss() { return SparseCategoricalCrossentropy{}; }
};

}  // namespace

constexpr lenet5::recipe lenet5::tiny = lenet5::recipe_of<Tiny>();
