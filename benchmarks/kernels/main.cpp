/// Each kernel over the shapes of shapes.hpp, on one thread, with a batch of 32: what it computes and moves, and how
/// close that comes to what the core could do. All options are Google Benchmark's.

#include "batch.hpp"
#include "roofline.hpp"

#include <benchmark/benchmark.h>
#include <cstdio>
#include <string>
#include <vector>

namespace {

std::string rounded(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", value);
    return text;
}

/// Puts the bounds at the top of the table and into the context of the JSON.
void describe_machine() {
    const roofline::machine& here = roofline::this_machine();
    benchmark::AddCustomContext("fp32_peak_gflops", rounded(here.peak));
    for (const roofline::level& each : here.memory) {
        benchmark::AddCustomContext(each.name + "_read_gbps", rounded(each.speed.read));
        benchmark::AddCustomContext(each.name + "_update_gbps", rounded(each.speed.update));
    }
    benchmark::AddCustomContext("lanes", std::to_string(lanes_of_a_pack));
    benchmark::AddCustomContext("batch", std::to_string(batch_size));
}

}  // namespace

int main(int argc, char** argv) {
    std::string columns = "--benchmark_counters_tabular=true", unit = "--benchmark_time_unit=us";
    std::vector<char*> arguments(argv, argv + argc);
    arguments.insert(arguments.begin() + 1, {columns.data(), unit.data()});  // what the caller says comes later
    int count = static_cast<int>(arguments.size());
    benchmark::Initialize(&count, arguments.data());
    if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 1;
    describe_machine();
    benchmark::RunSpecifiedBenchmarks();
}
