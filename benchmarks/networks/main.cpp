/// The networks of networks.hpp on this machine: training, prediction, single samples, at several batch sizes. A
/// table for people; with --network or --json lines of JSON for programs, one for each measurement.

#include "../fp32_peak.hpp"
#include "../measure.hpp"
#include "memory.hpp"
#include "networks.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <map>
#include <strata/system/parallel.hpp>
#include <string>
#include <vector>

using networks::mode;
using networks::network;
using networks::outcome;
using networks::request;

namespace {

const std::map<std::string, mode> modes{{"train", mode::train}, {"predict", mode::predict}, {"one", mode::one}};

const char* name_of(mode wanted) {
    return std::find_if(modes.begin(), modes.end(), [&](const auto& each) { return each.second == wanted; })
        ->first.c_str();
}

/// "[1,2,3]", every digit that counts.
template <class Values> std::string json_array(const Values& values) {
    std::string text = "[";
    for (const double value : values) {
        char digits[32];
        std::snprintf(digits, sizeof digits, "%s%.9g", text.size() > 1 ? "," : "", value);
        text += digits;
    }
    return text + "]";
}

void print_json(const network& measured, const request& what, const outcome& result, const std::string& variant) {
    std::printf("{\"peer\": \"strata\", \"variant\": \"%s\", \"version\": \"" STRATA_VERSION
                "\", \"network\": \"%s\", \"mode\": \"%s\", \"batch\": %zu, \"threads\": %zu, \"seconds\": %s",
                variant.c_str(), measured.name, name_of(what.mode), what.batch, what.threads,
                json_array(result.seconds).c_str());
    if (result.loss)
        std::printf(", \"loss\": %.9g", *result.loss);
    else
        std::printf(", \"loss\": null");
    std::printf(", \"samples\": %zu, \"peak_rss_kib\": %zu", result.samples, memory_high_water_mark());
    if (!result.prediction.empty()) std::printf(", \"prediction\": %s", json_array(result.prediction).c_str());
    if (const auto& p = result.percentiles) {
        std::printf(", \"percentiles_us\": {\"p50\": %.3f, \"p99\": %.3f, \"p999\": %.3f, \"max\": %.3f}", p->p50,
                    p->p99, p->p999, p->max);
    }
    std::printf("}\n");
    std::fflush(stdout);
}

void print_heading() {
    std::printf("%-8s %-8s %6s %8s %9s %14s %12s %9s %8s %9s\n", "network", "mode", "batch", "threads", "samples",
                "seconds", "us a sample", "GFLOP/s", "of peak", "MiB");
}

void print_row(const network& measured, const request& what, const outcome& result, double peak) {
    const double seconds = measure::median(result.seconds), samples = static_cast<double>(result.samples);
    const double gflops = 2e-9 * result.multiply_adds * samples / seconds;
    std::printf("%-8s %-8s %6zu %8zu %9zu %14.6f %12.2f %9.1f %6.0f %% %9.1f\n", measured.name, name_of(what.mode),
                what.batch, what.threads, result.samples, seconds, 1e6 * seconds / samples, gflops,
                100 * gflops / (peak * static_cast<double>(what.threads)),
                static_cast<double>(memory_high_water_mark()) / 1024);
    if (const auto& p = result.percentiles) {
        std::printf("%-8s p50 %.2f us, p99 %.2f us, p99.9 %.2f us, max %.2f us\n", "", p->p50, p->p99, p->p999, p->max);
    }
    std::fflush(stdout);
}

/// Every network, mode and batch size. Of large data as many samples as 256 batches have: what counts is the time of
/// one.
template <class Body> void for_each_measurement(request what, Body&& body) {
    what.loaded = reset_memory_high_water_mark;
    for (const network& each : networks::all) {
        for (const mode wanted : {mode::train, mode::predict}) {
            for (const std::size_t batch : {1, 32, 128, 512}) {
                what.mode = wanted;
                what.batch = batch;
                what.most_samples = 256 * batch;
                body(each, what);
            }
        }
        what.mode = mode::one;
        what.batch = 1;
        what.threads = 1;  // one sample is the work of one thread
        body(each, what);
    }
}

}  // namespace

int main(int argc, char** argv) {
    request what{.threads = strata::authoring::threads()};
    std::string wanted, mode_name = "train", variant;
    bool json = false;
    CLI::App app{"Measures networks: training, prediction and single samples. Without options, a table of all."};
    std::vector<std::string> names;
    for (const network& each : networks::all) names.push_back(each.name);
    CLI::Option* const single = app.add_option("--network", wanted, "measure this one only, and print a line of JSON")
                                    ->check(CLI::IsMember(names));
    app.add_flag("--json", json, "print JSON lines in place of the table");
    app.add_option("--mode", mode_name, "with --network: train (default), predict or one, a single sample")
        ->check(CLI::IsMember(modes))
        ->needs(single);
    const CLI::Option* const batch =
        app.add_option("--batch", what.batch, "with --network: samples in a batch (default: 32)")
            ->check(CLI::Range(1, 1'000'000))
            ->needs(single);
    app.add_option("--threads", what.threads, "threads (default: all cores)")->check(CLI::Range(1, 1024));
    app.add_option("--repeats", what.repeats, "timed repetitions after one that is not counted (default: 5)")
        ->check(CLI::Range(1, 1000));
    app.add_option("--samples", what.most_samples, "with --network: at most so many samples (default: all)")
        ->check(CLI::Range(1, 1'000'000))
        ->needs(single);
    app.add_option("--data", what.data, "folder of MNIST's four files; without it and them, random images");
    app.add_option("--weights", what.weights, "with --network: safetensors file of the parameters to start from")
        ->needs(single);
    app.add_option("--seed", what.seed, "fixes the parameters and the order of the samples (default: 0)");
    app.add_option("--variant", variant, "a word that goes into the JSON as it is");
    app.callback([&] {
        what.mode = modes.at(mode_name);
        if (what.mode != mode::one) return;
        if (batch->count() > 0 && what.batch != 1)
            throw CLI::ValidationError("--batch", "with --mode one there is one sample in a batch");
        what.batch = 1;
    });
    CLI11_PARSE(app, argc, argv);
    try {
        if (!wanted.empty()) {
            const network& chosen = *std::find_if(networks::all.begin(), networks::all.end(),
                                                  [&](const network& each) { return each.name == wanted; });
            print_json(chosen, what, chosen.measure(what), variant);
            return 0;
        }
        const double peak = json ? 0 : fp32_peak_gflops();
        if (!json) {
            std::printf("FP32 peak of one core: %.1f GFLOP/s, measured; medians of %zu\n", peak, what.repeats);
            print_heading();
        }
        for_each_measurement(what, [&](const network& each, const request& chosen) {
            const outcome result = each.measure(chosen);
            if (json)
                print_json(each, chosen, result, variant);
            else
                print_row(each, chosen, result, peak);
        });
    } catch (const std::exception& error) {
        std::fprintf(stderr, "networks_bench: %s\n", error.what());
        return 1;
    }
}
