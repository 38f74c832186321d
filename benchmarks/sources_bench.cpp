/// An epoch of LeNet-5 on arrays, and on a source that copies its samples from them, in turns.

#include "epoch_options.hpp"
#include "lenet5.hpp"
#include "measure.hpp"
#include "samples.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <span>
#include <strata/strata.hpp>
#include <vector>

using namespace strata::authoring;

namespace {

using images = samples::split<std::uint8_t>;

struct Copied {
    const images& data;

    std::size_t samples() const { return data.labels.size(); }
    void read(std::size_t sample, std::span<std::uint8_t> x, std::span<std::uint8_t> y) const {
        std::copy_n(data.images.data() + sample * x.size(), x.size(), x.begin());
        y[0] = data.labels(sample);
    }
};

}  // namespace

int main(int argc, char** argv) try {
    std::size_t epochs = 11;
    epoch_options options;
    CLI::App app("LeNet-5 on arrays and on a source that copies from them");
    app.add_option("--epochs", epochs, "Of each, in turns; the medians count")->capture_default_str();
    options.add_to(app);
    CLI11_PARSE(app, argc, argv);

    set_threads(options.threads);
    const images data = options.images();
    LeNet5 model;
    auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{});
    const Copied source{data};
    std::vector<double> of_arrays, of_source;
    for (std::size_t epoch = 0; epoch <= epochs; ++epoch) {
        const double arrays = measure::seconds_of([&] { training.fit(data.images, data.labels, options.fit); });
        const double read = measure::seconds_of([&] { training.fit(source, options.fit); });
        if (epoch == 0) continue;
        of_arrays.push_back(arrays);
        of_source.push_back(read);
    }
    const double arrays = measure::median(of_arrays), read = measure::median(of_source);
    std::printf("arrays %.3f s, source %.3f s an epoch: %.3f times\n", arrays, read, read / arrays);
} catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
