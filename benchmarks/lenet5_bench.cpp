/// How long LeNet-5 takes on this machine, and how much of the arithmetic that the machine could do that is.

#include "fp32_peak.hpp"
#include "lenet5.hpp"
#include "measure.hpp"
#include "multiply_adds.hpp"
#include "samples.hpp"

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <strata/strata.hpp>
#include <string>
#include <type_traits>

using namespace strata::authoring;

namespace {

using work = multiply_adds::of_network<LeNet5::network>;
static_assert(work::forward == 107'736 + 240'000 + 48'000 + 10'080 + 840);
static_assert(work::training == 3 * work::forward - 107'736);

struct settings {
    std::string data;
    std::size_t threads = strata::authoring::threads();
    std::size_t epochs = 5;
};

using data_set = samples::data_set<std::uint8_t>;

class benchmark {
public:
    benchmark(const data_set& data, std::size_t epochs, double peak) : data_{data}, epochs_{epochs}, peak_{peak} {}

    /// `precision` is added to the name of each row.
    template <class Model> void run(std::size_t threads, const std::string& precision) {
        set_threads(threads);
        threads_ = threads;
        for (const std::size_t batch_size : {32, 128}) {
            Model model;
            auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{});
            const double seconds = measure::median_seconds(epochs_, [&] {
                training.fit(data_.train.images, data_.train.labels, {.batch_size = batch_size, .verbose = 0});
            });
            row("an epoch of training, batch " + std::to_string(batch_size) + precision, seconds,
                work::training * data_.train.labels.size());
        }
        const Model model;
        const double seconds = measure::median_seconds(21, [&] { model.predict(data_.test.images); });
        row("all test images, predict" + precision, seconds, work::forward * data_.test.labels.size());
        // One image is the work of one thread, in any precision.
        if (threads > 1 || !std::is_same_v<Model, LeNet5>) return;
        const auto image = samples::rows(data_.test, 0, 1).images;
        row("one image, predict", measure::median_seconds(2000, [&] { model.predict(image); }), work::forward);
    }

    static void heading() { std::printf("%-42s %7s %12s %10s %8s\n", "", "threads", "time", "GFLOP/s", "of peak"); }

private:
    void row(const std::string& what, double seconds, std::size_t count) const {
        const double gflops = 2e-9 * static_cast<double>(count) / seconds;
        const bool short_time = seconds < 1e-3;
        std::printf("%-42s %7zu %9.*f %-2s %10.1f %6.0f %%\n", what.c_str(), threads_, short_time ? 1 : 4,
                    short_time ? seconds * 1e6 : seconds, short_time ? "us" : "s", gflops,
                    100 * gflops / (peak_ * static_cast<double>(threads_)));
        std::fflush(stdout);
    }

    const data_set& data_;
    std::size_t epochs_;
    double peak_;
    std::size_t threads_ = 1;
};

void run(const settings& chosen) {
    const data_set data = samples::mnist(chosen.data);
    const double peak = fp32_peak_gflops();
    std::printf("LeNet-5, %zu training and %zu test images, Adam; medians of %s\n", data.train.labels.size(),
                data.test.labels.size(), measure::counted(chosen.epochs, "epoch").c_str());
    std::printf("FP32 peak of one core: %.1f GFLOP/s, measured, %zu lanes\n", peak, lanes<pack<float>>);
    std::printf("An image takes %.3f MFLOP to predict, %.3f to train with\n\n", 2e-6 * double(work::forward),
                2e-6 * double(work::training));
    benchmark::heading();
    benchmark all{data, chosen.epochs, peak};
    const auto run_on = [&](std::size_t threads) {
        all.run<LeNet5>(threads, "");
        if constexpr (rounds_products<pack<mixed_bfloat16>>)
            all.run<LeNet5::with<mixed_bfloat16>>(threads, ", bfloat16");
    };
    run_on(1);
    if (chosen.threads > 1) run_on(chosen.threads);
}

}  // namespace

int main(int argc, char** argv) {
    settings chosen;
    CLI::App app{"Measures LeNet-5: training and prediction, on one thread and on all."};
    app.add_option("--data", chosen.data, "folder of MNIST's four files; without it and them, random images")
        ->type_name("DIR");
    app.add_option("--threads", chosen.threads, "measure 1 thread and this many (default: all cores)")
        ->type_name("N")
        ->check(CLI::Range(1, 1024));
    app.add_option("--epochs", chosen.epochs, "epochs to take the median of (default: 5)")
        ->type_name("N")
        ->check(CLI::Range(1, 1000));
    CLI11_PARSE(app, argc, argv);
    try {
        run(chosen);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "lenet5_bench: %s\n", error.what());
        return 1;
    }
}
