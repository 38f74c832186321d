#pragma once

#include "../bandwidth.hpp"

#include <benchmark/benchmark.h>
#include <cstddef>
#include <string>
#include <vector>

/// The bounds of one core, and where a benchmark lies below them.
namespace roofline {

/// A level of the memory and how much it holds.
struct level {
    std::string name;
    std::size_t bytes;
    bandwidth speed;
};

struct machine {
    double peak;                // GFLOP/s
    std::vector<level> memory;  // the nearest first; the last one holds everything
};

/// Measured at the first call.
const machine& this_machine();

/// What one iteration of a benchmark has to do at least.
struct work {
    double multiply_adds = 0;
    double read = 0;     // bytes that are read only
    double updated = 0;  // bytes that are read and written
    double written = 0;  // bytes that are written only
    double elements = 0;
};

/// The time that the work takes at least, and what takes it.
///
/// The multiply-adds at the peak, or moving the bytes, whichever is longer. Each level of the memory holds what fits
/// into it and moves that part; the farthest one that is needed gives the name. What is written costs what an update in
/// place costs, since a cache reads a line before it writes to it.
struct bound {
    std::string name;
    double seconds;
};
bound bound_of(const work& needed);

/// Runs `iteration` in the loop of a benchmark and sets its counters from the time of the processor.
void report(benchmark::State& state, const work& needed, double seconds);

template <class Iteration> void run(benchmark::State& state, const work& needed, Iteration&& iteration) {
    iteration();  // the memory is there, the caches hold what they can
    const double seconds = measure::processor_seconds_of([&] {
        for (auto _ : state) {
            iteration();
            benchmark::ClobberMemory();
        }
    });
    report(state, needed, seconds);
}

}  // namespace roofline
