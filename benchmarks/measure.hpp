#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

/// What every program here needs to take a time.
namespace measure {

/// Seconds that pass while `run` runs.
template <class Work> double seconds_of(Work&& run) {
    const auto start = std::chrono::steady_clock::now();
    run();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Seconds that the processor spends on this program while `run` runs: on one thread, what `seconds_of` gives on an
/// idle machine. What a busy one gives to other programs does not count.
template <class Work> double processor_seconds_of(Work&& run) {
    const std::clock_t start = std::clock();
    run();
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

/// The value below which lies this part, from 0 to 1, of the values; there is at least one.
inline double quantile(std::vector<double> values, double part) {
    const auto rank = static_cast<std::size_t>(part * static_cast<double>(values.size()));
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::min(rank, values.size() - 1));
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

inline double median(std::vector<double> values) { return quantile(std::move(values), 0.5); }

/// The seconds of `count` runs after one that is not counted.
template <class Work> std::vector<double> all_seconds(std::size_t count, Work&& run) {
    run();
    std::vector<double> times(count);
    for (double& time : times) time = seconds_of(run);
    return times;
}

/// The median of `count` runs after one that is not counted.
template <class Work> double median_seconds(std::size_t count, Work&& run) { return median(all_seconds(count, run)); }

/// Seconds of single calls: of each of them, and the medians of blocks.
struct calls {
    std::vector<double> each;
    std::vector<double> medians;
};

/// Runs `call(i)` for i = 0, 1, ... in `blocks` blocks of about a second, after some calls that are not counted.
template <class Call> calls single_calls(std::size_t blocks, Call&& call) {
    constexpr std::size_t first = 100;
    const double once = median_seconds(3,
                                       [&] {
                                           for (std::size_t i = 0; i < first; ++i) call(i);
                                       }) /
                        first;
    std::vector<double> times(static_cast<std::size_t>(std::clamp(1 / once, 200.0, 100'000.0)));
    calls result;
    for (std::size_t block = 0; block < blocks; ++block) {
        for (std::size_t i = 0; i < times.size(); ++i) times[i] = seconds_of([&] { call(i); });
        result.medians.push_back(median(times));
        result.each.insert(result.each.end(), times.begin(), times.end());
    }
    return result;
}

/// "1 epoch", "5 epochs".
inline std::string counted(std::size_t count, const std::string& what) {
    return std::to_string(count) + ' ' + what + (count == 1 ? "" : "s");
}

}  // namespace measure
