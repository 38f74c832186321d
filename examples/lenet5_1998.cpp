/// LeNet-5 as it was published (LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document
/// recognition", Proceedings of the IEEE 86, 1998), on MNIST: trainable subsampling, a table of connections, and an
/// output of distances to pictures of the digits, trained by the stochastic diagonal Levenberg-Marquardt method. --help
/// shows what can be chosen.

#include "lenet5_1998/bitmaps.hpp"

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <strata/data.hpp>
#include <strata/strata.hpp>

using namespace strata;

// clang-format off
using Start = FanInUniform<2.4>;
template <std::size_t Maps, class... Options>
using Convolution = Conv2D<Maps, Kernel<5>, ScaledTanh, KernelInitializer<Start>, BiasInitializer<Start>, Options...>;
using Subsampling = Subsampling2D<Pool<2>, ScaledTanh, KernelInitializer<Start>, BiasInitializer<Start>>;

using LeNet5 = Sequential<
    Input<28, 28, 1>,
    ZeroPadding2D<2>,
    Rescaling<1.275, -0.1>,                                    // 32x32, from -0.1, the background, to 1.175
    Convolution<6>,                                            // C1, 6 maps of 28x28:     156 parameters
    Subsampling,                                               // S2, 14x14:                12
    Convolution<16, Connections<lenet5_connections>>,          // C3, 16 maps of 10x10:  1,516
    Subsampling,                                               // S4, 5x5:                  32
    Convolution<120>,                                          // C5, 120 units:        48,120
    Flatten,
    Dense<84, ScaledTanh, KernelInitializer<Start>, BiasInitializer<Start>>,  // F6:    10,164
    Frozen<RBF<10, CentersInitializer<lenet5_1998::DigitBitmaps>>>,           // distances, not trained
    Rescaling<-1>>;                                            // the nearest picture has the largest output
// clang-format on
static_assert(LeNet5::parameter_count == 60'000);
static_assert(156 + 12 + 1'516 + 32 + 48'120 + 10'164 == LeNet5::parameter_count);

namespace {

/// The paper's global rate for a pass over the training set, counted from 0.
double rate_of_pass(std::size_t pass) {
    return pass < 2 ? 0.0005 : pass < 5 ? 0.0002 : pass < 8 ? 0.0001 : pass < 12 ? 0.00005 : 0.00001;
}

/// The share of images that the model takes for another digit, in percent.
template <class Training> double error(Training& training, const mnist::split& images) {
    return 100 * (1 - training.evaluate(images.images, images.labels, {.verbose = 0})[1]);
}

}  // namespace

int main(int argc, char** argv) try {
    std::size_t epochs = 20, batch_size = 1;
    std::uint64_t seed = 0;
    double factor = 0.2;
    bool distortions = false;
    CLI::App app("Trains LeNet-5 as it was published in 1998 on MNIST.");
    app.add_option("--epochs", epochs, "passes over the training set (default: 20)");
    app.add_option("--batch-size", batch_size, "images in a step (default: 1)")->check(CLI::PositiveNumber);
    app.add_option("--rate-factor", factor,
                   "what the paper's rates are multiplied by, half of it in the first pass (default: 0.2)")
        ->check(CLI::PositiveNumber);
    app.add_option("--seed", seed, "fixes the start values, the order of the images and the distortions (default: 0)");
    app.add_flag("--distortions", distortions, "move, scale, squeeze and shear the images at random");
    CLI11_PARSE(app, argc, argv);

    const auto [train, test] = mnist::load();
    LeNet5 model(seed);
    model.summary();

    auto training = compile(model, StochasticDiagonalLM{}, MaximumAPosteriori{.rubbish_penalty = 1}, Accuracy{});
    const auto distorted = augmented(
        train.images, RandomTranslation{.height_factor = 0.05, .width_factor = 0.05, .fill_mode = FillMode::constant},
        RandomZoom{.height_factor = 0.1, .width_factor = 0.1, .fill_mode = FillMode::constant},
        RandomShear{.x_factor = 0.1, .fill_mode = FillMode::constant});
    std::printf("pass   learning rates       training error   test error\n");
    for (std::size_t pass = 0; pass < epochs; ++pass) {
        // Second derivatives are estimated before a pass and stay for all of it, which limits the steps of the first
        // one most. With the paper's own rates, the factor 1, training diverges here.
        training.optimizer.learning_rate = (pass == 0 ? factor / 2 : factor) * rate_of_pass(pass);
        const fit_options options{
            .batch_size = batch_size, .epochs = pass + 1, .initial_epoch = pass, .verbose = 0, .seed = seed};
        if (distortions)
            training.fit(distorted, train.labels, options);
        else
            training.fit(train.images, train.labels, options);
        const auto [least, most] = training.learning_rates();
        std::printf("%4zu   %.1e to %.1e   %12.2f %%   %8.2f %%\n", pass + 1, least, most, error(training, train),
                    error(training, test));
        std::fflush(stdout);
    }
} catch (const std::exception& error) {
    std::fflush(stdout);
    std::fprintf(stderr, "lenet5_1998: %s\n", error.what());
    return 1;
}
