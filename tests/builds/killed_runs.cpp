// Trains, and keeps its run: killed_runs FOLDER THREADS. Prints what it came to.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <strata/callbacks.hpp>
#include <strata/strata.hpp>
#include <strata/training/run_file.hpp>
#include <string>

using namespace strata;

int main(int, char** arguments) try {
    const std::string folder = arguments[1];
    set_threads(static_cast<std::size_t>(std::atoi(arguments[2])));
    Sequential<Input<4>, Dense<16, Tanh>, Dropout<0.2>, BatchNormalization<>, Dense<3, Softmax>> model(3);
    auto x = Tensor<float, 2>::from_shape({500, 4});
    auto y = Tensor<int, 1>::from_shape({500});
    random_stream random(1, 0);
    for (float& value : x) value = static_cast<float>(random.symmetric(1));
    for (std::size_t i = 0; i < 500; ++i) y(i) = (x(i, 0) > 0) + (x(i, 1) > 0);

    auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{}, F1Score{});
    const History history = training.fit(
        x, y,
        {.epochs = 12, .validation_split = 0.2, .verbose = 0, .resume = folder + "/run.safetensors", .save_every = 1},
        EarlyStopping{.patience = 4, .restore_best_weights = true}, ReduceLROnPlateau{.patience = 1},
        CSVLogger{folder + "/log.csv"}, LearningRateScheduler{[](std::size_t, double rate) { return rate * 0.97; }});
    model.save(folder + "/model.safetensors");
    std::printf("%s", history.to_csv().c_str());
} catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
