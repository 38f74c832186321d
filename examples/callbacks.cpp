/// The snippets of docs/callbacks.md, in their order: a small network on made-up numbers, watched while it trains.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <strata/callbacks.hpp>
#include <strata/strata.hpp>
#include <strata/training/run_file.hpp>

using namespace strata;

/// Stops as soon as the network is good enough, and says how far it is.
struct GoodEnough {
    double accuracy = 0.9;

    void on_epoch_end(auto& fit, std::size_t epoch, const Logs& logs) {
        std::printf("epoch %zu of %zu: %.3f\n", epoch + 1, fit.epochs, logs["val_accuracy"]);
        if (logs["val_accuracy"] >= accuracy) fit.stop_training = true;
    }
};

int main() try {
    constexpr std::size_t N = 400;
    auto x = Tensor<float, 2>::from_shape({N, 4});
    auto y = Tensor<std::int32_t, 1>::from_shape({N});
    random_stream random(1, 0);
    for (std::size_t i = 0; i < N; ++i) {
        for (std::size_t k = 0; k < 4; ++k) x(i, k) = static_cast<float>(random.symmetric(1));
        y(i) = (x(i, 0) > 0) + (x(i, 1) > 0);
    }
    using Net = Sequential<Input<4>, Dense<16, Tanh>, Dense<3, Softmax>>;
    Net net{1};

    auto training = compile(net, Adam{.learning_rate = 0.02}, SparseCategoricalCrossentropy{}, Accuracy{}, F1Score{});
    EarlyStopping stop{.monitor = "val_accuracy", .patience = 5, .restore_best_weights = true};
    const History history = training.fit(x, y, {.epochs = 40, .validation_split = 0.2, .verbose = 0}, stop,
                                         ReduceLROnPlateau{.factor = 0.5, .patience = 2}, CSVLogger{"epochs.csv"});
    std::printf("best %f in epoch %zu\n", *stop.best, stop.best_epoch + 1);

    training.fit(x, y, {.epochs = 20, .validation_split = 0.2, .verbose = 0},
                 TensorBoard{.log_dir = "logs/wide", .histogram_freq = 5, .update_freq = 10});

    training.fit(x, y, {.epochs = 20, .validation_split = 0.2, .verbose = 0},
                 HTMLReport{"report.html", {.data = {x, y}, .class_names = {"none", "one", "both"}}});
    write_html_report("history.html", net, history, {.title = "The first training"});

    training.fit(x, y, {.epochs = 40, .validation_split = 0.2, .class_weight = {{0, 1.0}, {2, 2.0}}, .verbose = 0},
                 GoodEnough{.accuracy = 0.95},
                 ModelCheckpoint{.filepath = "{epoch:02d}-{val_loss:.4f}.safetensors", .save_best_only = true},
                 LearningRateScheduler{[](std::size_t epoch, double rate) { return epoch < 10 ? rate : rate * 0.9; }},
                 LambdaCallback{.on_train_end = [] { std::printf("done\n"); }}, TerminateOnNaN{});

    training.fit(x, y, {.epochs = 100, .verbose = 2, .resume = "run.safetensors", .save_every = 50});

    training.save("training.safetensors");  // between two calls of fit
    training.load("training.safetensors");

    const auto predicted = net.predict(x);
    std::printf("%s", classification_report(y, predicted, {.names = {"none", "one", "both"}}).c_str());
    const Tensor<std::int64_t, 2> confusion = confusion_matrix(y, predicted);  // (expected class, predicted class)
    std::printf("%lld of class 0 are taken for class 1\n", static_cast<long long>(confusion(0, 1)));
} catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
