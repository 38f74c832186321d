/// How LeNet-5 would train on more cores than this machine has: the parts of a step are measured here, and what 1 to 64
/// cores make of them is computed. docs/scaling.md says what the model holds and what it leaves out.

#include "lenet5.hpp"
#include "measure.hpp"
#include "samples.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <numeric>
#include <strata/strata.hpp>
#include <tuple>
#include <vector>

using namespace strata;

namespace {

using V = pack<float>;
constexpr std::size_t images = 60'000;  // of an epoch
constexpr std::size_t arena_size = round_up(LeNet5::parameter_count, lanes<V>);

/// Seconds of each part of the training.
struct parts {
    double shuffle = 0;              // the order of an epoch, by one thread
    double pack = 0;                 // one pack of samples, forward and backward
    double clear = 0;                // one shard set to zero
    std::array<double, 7> update{};  // 1, 2, 4, ..., 64 shards added, and Adam
    double barrier_each = 0;         // a barrier, for each thread that meets there
};

/// The smallest of many runs: what else the machine does only makes one slower.
template <class Work> double best_seconds(std::size_t runs, Work&& run) {
    run();
    double best = measure::seconds_of(run);
    for (std::size_t i = 1; i < runs; ++i) best = std::min(best, measure::seconds_of(run));
    return best;
}

double seconds_of_shuffle() {
    std::vector<std::uint32_t> order(images);
    std::iota(order.begin(), order.end(), 0u);
    return best_seconds(20, [&] { shuffle_order(order, 1, 1); });
}

double seconds_of_pack() {
    const auto drawn = samples::random_split<std::uint8_t>({lanes<V>, 28, 28, 1}, 1);
    const labelled_data data{drawn.images, drawn.labels, {}};
    const LeNet5 model;
    pack_pass<LeNet5::network, SparseCategoricalCrossentropy, std::tuple<Accuracy>, V> pass;
    aligned_vector<float> parameters(arena_size), gradients(arena_size);
    std::copy(model.parameters().begin(), model.parameters().end(), parameters.begin());
    std::array<std::size_t, lanes<V>> rows;
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    return best_seconds(2000, [&] {
        pass.run<true>(data, 1.f / 255, rows, SparseCategoricalCrossentropy{}, {}, parameters.data(), 1.f,
                       gradients.data());
    });
}

/// Seconds of an update that adds this many shards.
double seconds_of_update(gradient_shards<V>& shards, std::size_t count) {
    aligned_vector<float> parameters(arena_size);
    optimizer_state<float> state(Adam::slots, arena_size);
    return best_seconds(300, [&] {
        apply_step<V>(
            Adam{}, 1, 0, arena_size, [&](std::size_t k) { return shards.sum(count, k); }, state, parameters.data());
    });
}

double seconds_of_barrier(std::size_t count) {
    constexpr int rounds = 1000;
    return best_seconds(20,
                        [&] {
                            parallel(count, [&](team& all, std::size_t) {
                                for (int round = 0; round < rounds; ++round) all.barrier();
                            });
                        }) /
           rounds;
}

parts measure_parts(double barrier_each) {
    constexpr std::size_t many = gradient_shards<V>::max_shards;
    gradient_shards<V> shards(2 * many, arena_size);
    parts found;
    found.shuffle = seconds_of_shuffle();
    found.pack = seconds_of_pack();
    std::size_t next = 0;
    found.clear = best_seconds(300, [&] { shards.cleared(next++ % many); });
    for (std::size_t s = 0; s < many; ++s) shards.cleared(s);
    for (std::size_t i = 0; i < found.update.size(); ++i) {
        found.update[i] = seconds_of_update(shards, std::size_t{1} << i);
    }
    found.barrier_each = barrier_each;
    if (barrier_each == 0) {
        constexpr double assumed = 100e-9;  // where there is one core: about what two cores take
        found.barrier_each = threads() > 1 ? seconds_of_barrier(threads()) / double(threads()) : assumed;
    }
    return found;
}

/// Into how many parts the gradient of that many packs is cut.
using cut = std::size_t (*)(std::size_t packs);

/// Seconds of one step of `batch` samples on `cores` cores.
double seconds_of_step(const parts& part, std::size_t batch, std::size_t cores, cut shards_of) {
    const std::size_t packs = (batch + lanes<V> - 1) / lanes<V>, shards = shards_of(packs);
    const std::size_t used = std::min(cores, shards);
    const auto ceil_of = [](std::size_t a, std::size_t b) { return static_cast<double>((a + b - 1) / b); };
    const double my_shards = ceil_of(shards, used);
    const double compute = my_shards * (ceil_of(packs, shards) * part.pack + part.clear);
    const auto doublings = static_cast<std::size_t>(std::bit_width(shards) - 1);  // the tables have no other numbers
    const double update = part.update[doublings] / static_cast<double>(used);
    const double barriers = used > 1 ? 2 * static_cast<double>(used) * part.barrier_each : 0;
    return compute + update + barriers;
}

double seconds_of_epoch(const parts& part, std::size_t batch, std::size_t cores, cut shards_of) {
    const std::size_t steps = (images + batch - 1) / batch;
    return part.shuffle + static_cast<double>(steps) * seconds_of_step(part, batch, cores, shards_of);
}

void print_table(const parts& part, const char* rule, cut shards_of) {
    constexpr std::array<std::size_t, 7> cores{1, 2, 4, 8, 16, 32, 64};
    std::printf("\nSpeed-up, %s\n%6s", rule, "batch");
    for (const std::size_t count : cores) std::printf(" %8zu", count);
    std::printf("   epoch on 1, on 64 cores\n");
    for (const std::size_t batch : {32, 64, 128, 256, 512, 1024, 2048}) {
        const double alone = seconds_of_epoch(part, batch, 1, shards_of);
        std::printf("%6zu", batch);
        for (const std::size_t count : cores)
            std::printf(" %8.1f", alone / seconds_of_epoch(part, batch, count, shards_of));
        std::printf("   %.3f s, %.3f s\n", alone, seconds_of_epoch(part, batch, 64, shards_of));
    }
}

}  // namespace

int main(int argc, char** argv) {
    double barrier_nanoseconds = 0;
    CLI::App app{"Models how LeNet-5's training scales to 64 cores, from parts that are measured here."};
    app.add_option("--barrier", barrier_nanoseconds,
                   "nanoseconds of a barrier for each thread (default: measured; 100 on one core)")
        ->type_name("NS")
        ->check(CLI::Range(0.0, 1e6));
    CLI11_PARSE(app, argc, argv);
    const parts part = measure_parts(1e-9 * barrier_nanoseconds);
    std::printf("LeNet-5, %zu lanes, %zu parameters; measured on %zu threads, in microseconds:\n", lanes<V>,
                LeNet5::parameter_count, threads());
    std::printf("%8.2f  the order of an epoch\n", 1e6 * part.shuffle);
    std::printf("%8.2f  a pack, forward and backward\n%8.2f  a shard of the gradient set to zero\n", 1e6 * part.pack,
                1e6 * part.clear);
    for (std::size_t i = 0; i < part.update.size(); ++i) {
        std::printf("%8.2f  Adam with the sum of %d shards\n", 1e6 * part.update[i], 1 << i);
    }
    std::printf("%8.3f  a barrier, for each thread\n", 1e6 * part.barrier_each);
    print_table(part, "a gradient cut as strata does it",
                [](std::size_t packs) { return gradient_shards<V>::shards_of(packs, arena_size); });
    print_table(part, "at most 16 parts", [](std::size_t packs) { return std::min<std::size_t>(packs, 16); });
    print_table(part, "a part for each pack, at most 64",
                [](std::size_t packs) { return std::min<std::size_t>(packs, 64); });
}
