#pragma once

#include "../measure.hpp"
#include "../networks/memory.hpp"
#include "../samples.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <span>
#include <stdexcept>
#include <strata/data/permutation.hpp>
#include <strata/io/safetensors.hpp>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

/// What the peers in C++ share: the command line, the data, the first parameters, the clock and the line of JSON, as
/// protocol.py has them for those in Python.
namespace peer {

struct request {
    std::string network, mode = "train", data, weights;
    std::size_t batch = 32, threads = 1, repeats = 5, most_samples = ~std::size_t{0};
    std::uint64_t seed = 1;
};

/// Images with their channels first, as floats from 0 to 1, one sample after the other.
struct split {
    std::array<std::size_t, 3> shape;  // channels, rows, columns
    std::vector<float> images;
    std::vector<std::uint8_t> labels;

    std::size_t image_size() const { return shape[0] * shape[1] * shape[2]; }
    const float* image(std::size_t sample) const { return images.data() + sample * image_size(); }
};

template <class Value> split channels_first(const samples::split<Value>& from) {
    const auto& extents = from.images.shape();
    const std::size_t count = extents[0], pixels = extents[1] * extents[2], channels = extents[3];
    const float scale = std::is_same_v<Value, std::uint8_t> ? 1.F / 255 : 1.F;
    split to{{channels, extents[1], extents[2]},
             std::vector<float>(count * pixels * channels),
             {from.labels.begin(), from.labels.end()}};
    for (std::size_t n = 0; n < count; ++n) {
        for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
            for (std::size_t c = 0; c < channels; ++c) {
                to.images[(n * channels + c) * pixels + pixel] =
                    scale * static_cast<float>(from.images.data()[(n * pixels + pixel) * channels + c]);
            }
        }
    }
    return to;
}

/// One of the two halves of a network's data.
inline split load(const request& what, bool training) {
    const auto half = [&](const auto& all) {
        const auto& part = training ? all.train : all.test;
        return channels_first(samples::rows(part, 0, std::min(part.labels.size(), what.most_samples)));
    };
    return what.network == "vgg" ? half(samples::cifar_like()) : half(samples::mnist(what.data));
}

/// The parameters to start from: kernels as filters x channels x rows x columns and as units x inputs.
class first_parameters {
public:
    explicit first_parameters(const std::string& path) : file_{strata::authoring::safetensors_file::read(path)} {}

    /// The kernel and the bias of the next convolution.
    std::pair<std::vector<float>, std::vector<float>> next_conv2d() {
        const std::string name = "conv2d" + suffix(convolutions_++);
        const auto kernel = file_.values<float>(name + "/kernel");
        const auto extents = file_.at(name + "/kernel").extents;
        const std::size_t taps = extents[0] * extents[1], channels = extents[2], filters = extents[3];
        std::vector<float> turned(kernel.size());
        for (std::size_t tap = 0; tap < taps; ++tap) {
            for (std::size_t c = 0; c < channels; ++c) {
                for (std::size_t f = 0; f < filters; ++f) {
                    turned[(f * channels + c) * taps + tap] = kernel[(tap * channels + c) * filters + f];
                }
            }
        }
        return {turned, file_.values<float>(name + "/bias")};
    }

    /// The kernel and the bias of the next dense layer, behind an image of `channels` channels or, with 1, behind a
    /// row.
    std::pair<std::vector<float>, std::vector<float>> next_dense(std::size_t channels) {
        const std::string name = "dense" + suffix(dense_layers_++);
        const auto kernel = file_.values<float>(name + "/kernel");
        const auto extents = file_.at(name + "/kernel").extents;
        const std::size_t inputs = extents[0], units = extents[1], pixels = inputs / channels;
        std::vector<float> turned(kernel.size());
        for (std::size_t i = 0; i < inputs; ++i) {
            const std::size_t to = i % channels * pixels + i / channels;
            for (std::size_t u = 0; u < units; ++u) turned[u * inputs + to] = kernel[i * units + u];
        }
        return {turned, file_.values<float>(name + "/bias")};
    }

private:
    static std::string suffix(std::size_t index) { return index == 0 ? "" : "_" + std::to_string(index); }

    strata::authoring::safetensors_file file_;
    std::size_t convolutions_ = 0, dense_layers_ = 0;
};

struct outcome {
    std::vector<double> seconds{};
    std::size_t samples = 0;
    std::string more{};  // further members of the JSON
};

inline std::string json_array(std::span<const float> values) {
    std::string text;
    for (const float value : values) text += (text.empty() ? "[" : ", ") + std::to_string(value);
    return text + "]";
}

inline std::string json_array(std::span<const double> values) {
    std::string text;
    for (const double value : values) {
        char digits[32];
        std::snprintf(digits, sizeof digits, "%s%.9g", text.empty() ? "[" : ", ", value);
        text += digits;
    }
    return text.empty() ? "[]" : text + "]";
}

/// Model::step(samples) trains with a batch, given by the places of its samples, and gives its mean loss.
template <class Model> outcome measure_training(Model& model, const request& what, const split& data) {
    std::vector<std::uint32_t> order(data.labels.size());
    std::size_t epoch = 0;
    double first_loss = 0;
    const auto seconds = measure::all_seconds(what.repeats, [&] {
        strata::authoring::shuffle_order(order, what.seed, epoch);
        double sum = 0;
        for (std::size_t first = 0; first < order.size(); first += what.batch) {
            const auto batch = std::span(order).subspan(first, std::min(what.batch, order.size() - first));
            sum += model.step(batch) * static_cast<double>(batch.size());
        }
        if (epoch++ == 0) first_loss = sum / static_cast<double>(order.size());
    });
    return {seconds, order.size(), ", \"loss\": " + std::to_string(first_loss)};
}

/// Model::predict(first, count, probabilities) writes the probabilities of so many test samples.
template <class Model> outcome measure_predictions(Model& model, const request& what, const split& data) {
    const std::size_t count = data.labels.size();
    std::vector<float> probabilities(count * 10);
    const auto seconds = measure::all_seconds(what.repeats, [&] {
        for (std::size_t first = 0; first < count; first += what.batch) {
            model.predict(first, std::min(what.batch, count - first), probabilities.data() + first * 10);
        }
    });
    return {seconds, count, ", \"prediction\": " + json_array(std::span<const float>(probabilities).first(10))};
}

/// Calls with one sample after the other, in blocks of about a second.
template <class Model> outcome measure_single(Model& model, const request& what, const split& data) {
    std::array<float, 10> probabilities{};
    model.predict(0, 1, probabilities.data());
    const std::array first = probabilities;
    const std::size_t images = std::min<std::size_t>(data.labels.size(), 1000);
    const auto call = [&](std::size_t i) { model.predict(i % images, 1, probabilities.data()); };
    const measure::calls calls = measure::single_calls(what.repeats, call);
    outcome result{.seconds = calls.medians, .samples = 1};
    for (const auto& [name, part] : {std::pair{"p50", 0.5}, {"p99", 0.99}, {"p999", 0.999}, {"max", 1.0}}) {
        result.more += std::string(result.more.empty() ? "" : ", ") + "\"" + name +
                       "\": " + std::to_string(1e6 * measure::quantile(calls.each, part));
    }
    result.more = ", \"percentiles_us\": {" + result.more + "}, \"prediction\": " + json_array(std::span(first));
    return result;
}

/// Model(request, data, parameters) for each mode.
template <class Model> outcome measure_mode(const request& what) {
    const split data = load(what, what.mode == "train");
    first_parameters parameters(what.weights);
    Model model(what, data, parameters);
    if (what.mode == "train") return measure_training(model, what, data);
    return what.mode == "predict" ? measure_predictions(model, what, data) : measure_single(model, what, data);
}

/// The libraries take their threads from the environment, when they are loaded.
inline void check_environment(const request& what) {
    for (const char* name : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"}) {
        const char* threads = std::getenv(name);
        if (threads == nullptr || threads != std::to_string(what.threads)) {
            throw std::runtime_error(std::string("set ") + name + " to the number of threads");
        }
    }
}

/// Reads the command line, has `run(request)` measure, and prints the line of JSON.
template <class Run> int main(int argc, char** argv, const char* name, const std::string& version, Run&& run) {
    request what;
    CLI::App app{std::string("Measures ") + name + " for benchmarks/compare."};
    app.add_option("--network", what.network)->required()->check(CLI::IsMember({"lenet5", "mlp", "vgg"}));
    app.add_option("--mode", what.mode)->check(CLI::IsMember({"train", "predict", "one"}));
    app.add_option("--batch", what.batch)->check(CLI::Range(1, 1'000'000));
    app.add_option("--threads", what.threads)->check(CLI::Range(1, 1024));
    app.add_option("--repeats", what.repeats)->check(CLI::Range(1, 1000));
    app.add_option("--samples", what.most_samples)->check(CLI::Range(1, 1'000'000));
    app.add_option("--data", what.data);
    app.add_option("--weights", what.weights)->required();
    app.add_option("--seed", what.seed);
    CLI11_PARSE(app, argc, argv);
    try {
        check_environment(what);
        const outcome result = run(what);
        std::printf(
            "{\"peer\": \"%s\", \"variant\": \"\", \"version\": \"%s\", \"network\": \"%s\", \"mode\": \"%s\", "
            "\"batch\": %zu, \"threads\": %zu, \"samples\": %zu, \"peak_rss_kib\": %zu, \"seconds\": %s%s}\n",
            name, version.c_str(), what.network.c_str(), what.mode.c_str(), what.batch, what.threads, result.samples,
            memory_high_water_mark(), json_array(std::span(result.seconds)).c_str(), result.more.c_str());
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: %s\n", name, error.what());
        return 1;
    }
}

}  // namespace peer
