/// LeNet-5 on MNIST: the Keras tutorial's program, line by line. Run it with --help to see what can be chosen.

#include "lenet5_mnist/network.hpp"
#include "lenet5_mnist/options.hpp"
#include "lenet5_mnist/recipe.hpp"
#include "lenet5_mnist/report.hpp"

#include <cstddef>
#include <cstdio>
#include <exception>
#include <strata/io/checkpoint.hpp>
#include <strata/strata.hpp>
#include <strata/system/atomic_file.hpp>

using namespace strata;
using lenet5::LeNet5;

template <class Optimizer> void run(const lenet5::options& options, const Optimizer& optimizer) {
    auto [train, test] = mnist::load(options.data_folder());
    lenet5::require_images(train.labels.size(), test.labels.size());
    const std::size_t twelfth = train.labels.size() / 12;  // 5,000 of MNIST's
    const mnist::split validation = train.rows(0, twelfth);
    if (options.holdout) train = train.rows(twelfth, train.labels.size());
    lenet5::print_data(train.labels.size(), validation.labels.size(), test.labels.size(), options.holdout);

    LeNet5 model{options.seed};
    if (!options.load.empty()) model.load(options.load);
    model.summary();

    auto training = compile(model, optimizer, SparseCategoricalCrossentropy{}, Accuracy{});
    const History history = training.fit(train.images, train.labels,
                                         {.batch_size = options.batch_size,
                                          .epochs = options.epochs,
                                          .validation_data = {validation.images, validation.labels},
                                          .seed = options.seed});

    std::printf("\nThe test images:\n");
    const auto [loss, accuracy] = training.evaluate(test.images, test.labels);
    const lenet5::report report{test, model.predict(test.images)};

    if (!options.save.empty()) model.save(options.save);
    if (!options.history.empty()) authoring::write_atomically(options.history, history.to_csv());

    report.print_result(loss, accuracy);
    report.print_images();
    report.print_confusion_matrix();
}

int main(int argc, char** argv) {
    const lenet5::options options = lenet5::options_or_exit(argc, argv);
    try {
        options.require_writable_outputs();
        set_threads(options.threads);
        if (options.recipe.empty()) {
            options.with_optimizer([&](const auto& optimizer) { run(options, optimizer); });
        } else {
            lenet5::run_recipe(options);
        }
        lenet5::require_printed();
    } catch (const std::exception& error) {
        std::fflush(stdout);
        std::fprintf(stderr, "lenet5_mnist: %s\n", error.what());
        return 1;
    }
}
