/// What callbacks and metrics cost: an epoch of LeNet-5 without them and with them, in turns. On one thread the time of
/// the processor counts, which other programs hardly change.

#include "epoch_options.hpp"
#include "lenet5.hpp"
#include "measure.hpp"
#include "samples.hpp"

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <strata/callbacks.hpp>
#include <strata/strata.hpp>
#include <vector>

using namespace strata::authoring;

namespace {

template <class Work> double seconds_of(Work&& run) {
    return threads() == 1 ? measure::processor_seconds_of(run) : measure::seconds_of(run);
}

/// Prints how many times as long an epoch of `with` takes as one of `without`: the median over pairs of epochs that
/// follow each other, in either order, so that a machine that becomes slower does not count.
template <class Without, class With>
void compare(const char* name, std::size_t pairs, std::size_t steps, Without&& without, With&& with) {
    std::vector<double> ratios, plain;
    for (std::size_t pair = 0; pair <= pairs; ++pair) {
        double before = 0, after = 0;
        if (pair % 2 == 1) after = seconds_of(with);
        before = seconds_of(without);
        if (pair % 2 == 0) after = seconds_of(with);
        if (pair == 0) continue;
        plain.push_back(before);
        ratios.push_back(after / before);
    }
    const double before = measure::median(plain), ratio = measure::median(ratios);
    std::printf("%-32s %8.3f %8.3f %10.1f\n", name, before, ratio,
                1e6 * before * (ratio - 1) / static_cast<double>(steps));
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) try {
    std::size_t pairs = 15;
    epoch_options options;
    CLI::App app("LeNet-5 with callbacks and metrics, and without");
    app.add_option("--pairs", pairs, "Of epochs, without and with")->capture_default_str();
    options.add_to(app);
    CLI11_PARSE(app, argc, argv);

    set_threads(options.threads);
    const auto data = options.images();
    const auto test = samples::random_split<std::uint8_t>({1000, 28, 28, 1}, 2);
    const auto folder = std::filesystem::temp_directory_path() / "strata_callbacks_bench";
    std::filesystem::create_directories(folder);
    const auto path = [&](const char* name) { return (folder / name).string(); };

    LeNet5 model;
    auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{});
    const std::size_t steps = (options.samples + options.fit.batch_size - 1) / options.fit.batch_size;
    std::printf("seconds of an epoch of %zu steps, times that with, microseconds a step\n\n%-32s %8s %8s %10s\n", steps,
                "", "without", "with", "us a step");
    const auto plain = [&] { training.fit(data.images, data.labels, options.fit); };
    const auto with = [&](const char* name, auto... callbacks) {
        compare(name, pairs, steps, plain, [&] { training.fit(data.images, data.labels, options.fit, callbacks...); });
    };
    EarlyStopping stop{.monitor = "loss"};
    CSVLogger log{path("epochs.csv")};
    TensorBoard board{.log_dir = folder}, steps_on_board{.log_dir = folder, .update_freq = 1};
    TensorBoard tenth_steps{.log_dir = folder, .update_freq = 10};
    ModelCheckpoint checkpoint{.filepath = path("model.safetensors"), .monitor = "loss"};
    HTMLReport report{path("report.html"), {.data = {test.images, test.labels}}};
    with("nothing");
    with("EarlyStopping", stop);
    with("CSVLogger", log);
    with("ModelCheckpoint", checkpoint);
    with("HTMLReport", report);
    with("TensorBoard", board);
    with("TensorBoard, each 10th step", tenth_steps);
    with("TensorBoard, each step", steps_on_board);
    with("these, TensorBoard by epochs", stop, log, checkpoint, report, board);

    auto measured = compile(model, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{},
                            SparseTopKCategoricalAccuracy{.k = 3}, F1Score{}, MeanIoU{});
    compare("3 metrics more", pairs, steps, plain, [&] { measured.fit(data.images, data.labels, options.fit); });
    compare("all of it", pairs, steps, plain,
            [&] { measured.fit(data.images, data.labels, options.fit, stop, log, checkpoint, report, board); });
    std::filesystem::remove_all(folder);
} catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
