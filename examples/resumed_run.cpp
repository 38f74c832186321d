/// A run that is interrupted in the middle of an epoch and resumed ends with the bits of one that was not.
///     resumed_run [SEED]     run where data/ is

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <strata/data.hpp>
#include <strata/strata.hpp>
#include <strata/training/run_file.hpp>
#include <string>

using namespace strata;

/// Counts the steps, and throws after one of them, as if the machine had gone down.
struct PowerCut {
    std::size_t after = 0, steps = 0;  // after 0: never

    void on_train_batch_end(std::size_t, const Logs&) {
        if (++steps == after) throw std::runtime_error("the power is gone");
    }
};

int main(int argc, char** argv) try {
    const std::size_t seed = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1;
    const CsvTable table = read_csv("data/breast_cancer/train.csv");
    const auto raw = table.numbers<float>(table.columns_except({"diagnosis"}));
    const auto x = Standardizer(raw).transform(raw);
    const auto y = table.classes("diagnosis").labels;
    using Net = Sequential<Input<30>, Dense<16, ReLU>, Dropout<0.2>, Dense<1, Sigmoid>>;
    const auto train = [&](const std::string& run_file, PowerCut& cut) {
        Net model(seed);
        auto training = compile(model, Adam{}, BinaryCrossentropy{}, Accuracy{});
        training.fit(x, y, {.epochs = 20, .verbose = 0, .seed = seed, .resume = run_file, .save_every = 5}, cut);
        return model;
    };
    const std::string file = std::filesystem::temp_directory_path() / "strata_resumed_run.safetensors";
    std::filesystem::remove(file);
    PowerCut none, cut{.after = 123}, again;
    const Net whole = train("", none);
    try {
        train(file, cut);
    } catch (const std::runtime_error& error) {
        std::printf("%s\n", error.what());
    }
    const Net resumed = train(file, again);  // the same call again
    std::printf("resumed for %zu of %zu steps\n", again.steps, none.steps);

    const auto a = whole.parameters(), b = resumed.parameters();
    float difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) difference = std::max(difference, std::abs(a[i] - b[i]));
    std::printf("largest difference %.1e\n", difference);
    return again.steps < none.steps && std::equal(a.begin(), a.end(), b.begin(), b.end()) ? 0 : 1;
} catch (const std::exception& error) {
    std::fprintf(stderr, "resumed_run: %s\n", error.what());
    return 1;
}
