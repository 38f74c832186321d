/// LeNet-5 as it was published (LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document
/// recognition", Proceedings of the IEEE 86, 1998), on MNIST: trainable subsampling, a table of connections, and an
/// output of distances to pictures of the digits, trained by the stochastic diagonal Levenberg-Marquardt method. --help
/// shows what can be chosen.

#include "lenet5_1998/network.hpp"

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <strata/data.hpp>
#include <strata/strata.hpp>

using namespace strata;
using lenet5_1998::LeNet5;

namespace {

/// The share of images that the model takes for another digit, in percent.
template <class Training> double error(Training& training, const mnist::split& images) {
    return 100 * (1 - training.evaluate(images.images, images.labels, {.verbose = 0})[1]);
}

}  // namespace

int main(int argc, char** argv) try {
    std::size_t epochs = 20, batch_size = lenet5_1998::usual_batch_size;
    std::uint64_t seed = 0;
    double factor = 1;
    bool distortions = false, holdout = false;
    CLI::App app("Trains LeNet-5 as it was published in 1998 on MNIST.");
    app.add_option("--epochs", epochs, "passes over the training set (default: 20)");
    app.add_option("--batch-size", batch_size, "images in a step (default: 4)")->check(CLI::PositiveNumber);
    app.add_option("--rate-factor", factor, "what the learning rates are multiplied by (default: 1)")
        ->check(CLI::PositiveNumber);
    app.add_option("--seed", seed, "fixes the start values, the order of the images and the distortions (default: 0)");
    app.add_flag("--distortions", distortions, "move, scale, squeeze and shear the images at random");
    app.add_flag("--holdout", holdout,
                 "train without the first 5,000 images and measure on them, not on the test images");
    CLI11_PARSE(app, argc, argv);

    auto [train, test] = mnist::load();
    if (holdout) {
        const std::size_t twelfth = train.labels.size() / 12;
        test = train.rows(0, twelfth);
        train = train.rows(twelfth, train.labels.size());
    }
    LeNet5 model(seed);
    model.summary();

    auto training = compile(model, StochasticDiagonalLM{}, MaximumAPosteriori{.rubbish_penalty = 1}, Accuracy{});
    const auto distorted = augmented(train.images, lenet5_1998::distortions());
    std::printf("pass   learning rates       training error   %s\n", holdout ? "validation error" : "test error");
    for (std::size_t pass = 0; pass < epochs; ++pass) {
        training.optimizer.learning_rate = factor * lenet5_1998::rate_of_pass(pass);
        const fit_options options{
            .batch_size = batch_size, .epochs = pass + 1, .initial_epoch = pass, .verbose = 0, .seed = seed};
        if (distortions)
            training.fit(distorted, train.labels, options);
        else
            training.fit(train.images, train.labels, options);
        const auto [least, most] = training.learning_rates();
        const double bound = training.optimizer.learning_rate(0) / training.optimizer.mu;
        const double error_of_training = error(training, train);
        std::printf("%4zu   %.1e to %.1e   %12.2f %%   %8.2f %%\n", pass + 1, least, most, error_of_training,
                    error(training, test));
        std::fflush(stdout);
        if (!(least > 0 && most <= bound * (1 + 1e-6) && error_of_training < 50)) {
            std::fprintf(stderr, "lenet5_1998: training has diverged\n");
            return 1;
        }
    }
} catch (const std::exception& error) {
    std::fflush(stdout);
    std::fprintf(stderr, "lenet5_1998: %s\n", error.what());
    return 1;
}
