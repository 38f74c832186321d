/// ResNet-20 (He, Zhang, Ren, Sun 2015), as for CIFAR-10, on a folder of images: brick, grass or gravel? Images are
/// read while training goes on, cropped and flipped at random.
///     resnet20 [SEED]     run where data/ is

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <strata/data.hpp>
#include <strata/image_folder.hpp>
#include <strata/strata.hpp>

using namespace strata;

// clang-format off
using BN = BatchNormalization<Momentum<0.9>>;
template <std::size_t Filters, class... Options>
using Conv = Conv2D<Filters, Same, NoBias, KernelInitializer<HeNormal>, KernelRegularizer<L2<1e-4>>, Options...>;
template <std::size_t Filters>
using Block = Chain<Residual<Conv<Filters>, BN, ReLU, Conv<Filters>, BN>, ReLU>;
template <std::size_t Filters>
using Halving = Chain<Residual<Conv<Filters, Strides<2>>, BN, ReLU, Conv<Filters>, BN,
                               Shortcut<Conv<Filters, Kernel<1>, Strides<2>>, BN>>, ReLU>;
using ResNet20 = Sequential<Input<32, 32, 3>,
    Conv<16>, BN, ReLU,
    Block<16>, Block<16>, Block<16>,
    Halving<32>, Block<32>, Block<32>,
    Halving<64>, Block<64>, Block<64>,
    GlobalAveragePooling2D<>, Dense<3, Softmax>>;
// clang-format on

int main(int argc, char** argv) try {
    const std::size_t seed = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1;

    const image_options size{.height = 32, .width = 32};
    const image_files train("data/textures/train", size), test("data/textures/test", size);
    ResNet20 model(seed);
    const CosineDecay rate{.initial_learning_rate = 0.01, .decay_steps = 10 * train.samples() / 16};
    auto training =
        compile(model, SGD{.learning_rate = rate, .momentum = 0.9}, SparseCategoricalCrossentropy{}, Accuracy{});
    training.fit(augmented(train, RandomCrop{.padding = 4}, RandomFlip{.mode = FlipMode::horizontal}),
                 {.batch_size = 16, .epochs = 10, .verbose = 0, .seed = seed});

    const auto [loss, accuracy] = training.evaluate(test, {.verbose = 0});
    std::printf("loss %.4f accuracy %.4f\n", loss, accuracy);
    return accuracy > 0.8 ? 0 : 1;
} catch (const std::exception& error) {
    std::fprintf(stderr, "resnet20: %s\n", error.what());
    return 1;
}
