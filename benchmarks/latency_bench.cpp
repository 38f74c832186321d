/// How long one image takes, from call to return: not only the median but how late the latest of a million calls is.

#include "lenet5.hpp"
#include "measure.hpp"
#include "multiply_adds.hpp"
#include "samples.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <strata/strata.hpp>
#include <string>
#include <vector>

using namespace strata::authoring;

namespace {

using V = pack<float>;
using network = LeNet5::network::written;
using pass = one_sample_pass<network, V>;

/// Nanoseconds of each of `count` calls, sorted, after a few that are not counted.
template <class Work> std::vector<std::uint32_t> nanoseconds(std::size_t count, Work&& run) {
    using clock = std::chrono::steady_clock;
    std::vector<std::uint32_t> times(count);
    for (int i = 0; i < 1000; ++i) run();
    for (std::uint32_t& time : times) {
        const auto start = clock::now();
        run();
        time = static_cast<std::uint32_t>(std::chrono::nanoseconds(clock::now() - start).count());
    }
    std::sort(times.begin(), times.end());
    return times;
}

double microseconds(const std::vector<std::uint32_t>& sorted, double quantile) {
    const auto rank = static_cast<std::size_t>(quantile * static_cast<double>(sorted.size()));
    return 1e-3 * sorted[std::min(rank, sorted.size() - 1)];
}

void print_quantiles(const std::string& what, const std::vector<std::uint32_t>& times) {
    std::printf("%-26s %8.2f %8.2f %8.2f %8.2f %10.2f\n", what.c_str(), microseconds(times, 0),
                microseconds(times, 0.5), microseconds(times, 0.99), microseconds(times, 0.999),
                microseconds(times, 1));
}

/// One line for each range of times, the first from the fastest call on, each 1.3 times as wide as the one before; the
/// bars count on a logarithmic scale, so that a single late call is seen.
void print_histogram(const std::vector<std::uint32_t>& times) {
    constexpr double step = 0.05, growth = 1.3;
    constexpr int bar = 60;
    const double longest = std::log10(static_cast<double>(times.size()) + 1);
    double from = std::floor(microseconds(times, 0) / step) * step, width = step;
    for (auto first = times.begin(); first != times.end(); from += width, width *= growth) {
        const auto last = std::lower_bound(first, times.end(), 1e3 * (from + width));
        const auto calls = last - first;
        first = last;
        if (calls == 0) continue;
        const int length = static_cast<int>(std::ceil(bar * std::log10(static_cast<double>(calls) + 1) / longest));
        std::printf("%9.2f us %10td %s\n", from, calls, std::string(static_cast<std::size_t>(length), '#').c_str());
    }
}

/// The time of each stage alone, its input and its parameters in the cache.
template <std::size_t I> void print_stage(const LeNet5& model, const std::vector<std::string>& names) {
    using stage = network::stage<I>;
    if constexpr (!moves_nothing<stage>) {
        using form = typename stage::template one_sample<V>;
        static aligned_vector<float> workspace(pass::cells, 0.1f);
        const auto context = pass::context_of<I>(workspace.data(), model.values().data());
        const auto times = nanoseconds(10'000, [&] { form::template run<pass::input_format<I>>(context); });
        const double time = microseconds(times, 0.5);
        constexpr std::size_t work = multiply_adds::of_stage<stage>();
        std::string name = names[network::layer_of<I>];
        if constexpr (as_last<stage> == last_activation::softmax) name += ", softmax";
        std::printf("%-26s %8.2f us", name.c_str(), time);
        if (work > 0) std::printf(" %8.1f GFLOP/s", 2e-3 * static_cast<double>(work) / time);
        std::printf("\n");
    }
}

void print_all(std::size_t calls) {
    const LeNet5 model(1);
    const auto image = samples::random_split<std::uint8_t>({1, 28, 28, 1}, 1).images;
    auto result = model.predict(image);

    std::printf("LeNet-5, one image, %zu lanes; microseconds of %s, 0.02 of them for the clock\n\n", lanes<V>,
                measure::counted(calls, "call").c_str());
    std::printf("%-26s %8s %8s %8s %8s %10s\n", "", "min", "p50", "p99", "p99.9", "max");
    print_quantiles("predict(x)", nanoseconds(calls, [&] { model.predict(image); }));
    const auto times = nanoseconds(calls, [&] { model.predict(image, result); });
    print_quantiles("predict(x, result)", times);
    std::printf("\npredict(x, result): calls that took this long or up to the next line, logarithmic bars\n");
    print_histogram(times);

    std::printf("\nEach stage alone, median\n");
    std::vector<std::string> names;
    for (const summary_row& row : model.summary_rows()) names.push_back(row.name);
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (print_stage<I>(model, names), ...);
    }(std::make_index_sequence<network::depth>{});
}

}  // namespace

int main(int argc, char** argv) {
    std::size_t calls = 1'000'000;
    CLI::App app{"Measures how long LeNet-5 takes for one image."};
    app.add_option("--calls", calls, "calls to take the time of (default: 1,000,000)")
        ->type_name("N")
        ->check(CLI::Range(1, 1'000'000'000));
    CLI11_PARSE(app, argc, argv);
    try {
        print_all(calls);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "latency_bench: %s\n", error.what());
        return 1;
    }
}
