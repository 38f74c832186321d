#include "roofline.hpp"

#include "../fp32_peak.hpp"

#include <algorithm>

namespace roofline {

const machine& this_machine() {
    static const machine measured = [] {
        machine result{.peak = fp32_peak_gflops(), .memory = {}};
        std::size_t largest = 32 << 20;
        for (const auto& cache : benchmark::CPUInfo::Get().caches) {
            if (cache.type == "Instruction") continue;
            const auto bytes = static_cast<std::size_t>(cache.size);
            // Half of it, since something else is always in there too.
            result.memory.push_back(
                {std::string("L") += std::to_string(cache.level), bytes, measured_bandwidth(bytes / 2)});
            largest = std::max(largest, bytes);
        }
        result.memory.push_back({"memory", ~std::size_t{0}, measured_bandwidth(4 * largest)});
        return result;
    }();
    return measured;
}

bound bound_of(const work& needed) {
    const machine& here = this_machine();
    const bound arithmetic{"FMA", 2e-9 * needed.multiply_adds / here.peak};
    const double touched = needed.read + needed.updated + needed.written;
    bound moving{};
    double nearer = 0;  // bytes that the levels before this one can hold
    for (const level& each : here.memory) {
        const double held = std::min(static_cast<double>(each.bytes), touched);
        if (held <= nearer) continue;
        const double part = (held - nearer) / touched;
        moving.name = each.name;
        moving.seconds += 1e-9 * part *
                          std::max((needed.read + needed.updated) / each.speed.read,
                                   2 * (needed.updated + needed.written) / each.speed.update);
        nearer = held;
    }
    return arithmetic.seconds >= moving.seconds ? arithmetic : moving;
}

void report(benchmark::State& state, const work& needed, double seconds) {
    const double each = seconds / static_cast<double>(state.iterations());
    const bound lowest = bound_of(needed);
    const double gflops = 2e-9 * needed.multiply_adds / each;
    if (needed.multiply_adds > 0) {
        state.counters["GFLOP/s"] = gflops;
        state.counters["%peak"] = 100 * gflops / this_machine().peak;
    }
    if (needed.elements > 0) state.counters["ns/element"] = 1e9 * each / needed.elements;
    state.counters["GB/s"] = 1e-9 * (needed.read + 2 * needed.updated + needed.written) / each;
    state.counters["%bound"] = 100 * lowest.seconds / each;
    state.SetLabel("bound: " + lowest.name);
}

}  // namespace roofline
