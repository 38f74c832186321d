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

using namespace strata::authoring;

namespace {

using V = pack<float>;
using gradient_of_batch = batch_gradient<LeNet5::network, V>;
constexpr std::size_t images = 60'000;  // of an epoch
constexpr std::array<std::size_t, 7> batches{32, 64, 128, 256, 512, 1024, 2048};

constexpr std::size_t packs_of(std::size_t batch) { return (batch + lanes<V> - 1) / lanes<V>; }

/// Where the tables have batches of 1, 2, 4, ... packs.
constexpr std::size_t place_of(std::size_t packs) { return static_cast<std::size_t>(std::bit_width(packs) - 1); }

constexpr std::size_t sizes = place_of(packs_of(batches.back())) + 1;

/// Seconds of each part of the training.
struct parts {
    double shuffle = 0;                       // the order of an epoch, by one thread
    std::array<std::size_t, sizes> shards{};  // of a batch of that many packs
    std::array<double, sizes> pack{};         // one pack of samples of a batch of that many packs, forward and backward
    std::array<double, sizes> clear{};        // one shard set to zero
    std::array<double, sizes> update{};       // the gradient summed up, and Adam
    double barrier_each = 0;                  // a barrier, for each thread that meets there
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

double seconds_of_pack(gradient_of_batch& gradient) {
    using network = LeNet5::network;
    using pass = network_pass<network, V>;
    using losses = pack_losses<network, SparseCategoricalCrossentropy, std::tuple<Accuracy>, V>;
    const auto drawn = samples::random_split<std::uint8_t>({lanes<V>, 28, 28, 1}, 1);
    const labelled_data data{drawn.images, drawn.labels, {}};
    const LeNet5 model;
    aligned_vector<V> cells(pass::cells);
    losses of_pack;
    losses::sums sums;
    std::array<std::size_t, lanes<V>> rows;
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    const pack_values<V> pack{.cells = cells.data(),
                              .values = model.values().data(),
                              .gradients = gradient.cleared(0),
                              .operands = gradient.operands(0),
                              .training = true};
    return best_seconds(2000, [&] {
        load_samples(data.x, network::input::size, rows, 1.f / 255, cells.data());
        const V* const y = pass::forward_range<0, losses::steps>(pack);
        of_pack.run(
            data, rows, nullptr, SparseCategoricalCrossentropy{}, {}, y, 1, 1.f,
            pass::output_gradient<losses::steps>(cells.data()),
            [&] { return pass::forward_range<losses::steps, network::depth>(pack); }, sums);
        pass::backward_range<0, losses::steps>(pack);
    });
}

/// Seconds of one thread's update after so many packs.
double seconds_of_update(gradient_of_batch& gradient, std::size_t packs) {
    aligned_vector<float> parameters(LeNet5::parameter_count);
    optimizer_state<float> state(Adam::slot_count, parameters.size());
    aligned_vector<V> scratch(LeNet5::network::joint_scratch<V>);
    const team alone(1);
    const Adam adam;
    return best_seconds(300, [&] {
        const auto rule = adam.rule<V>(1);
        gradient.for_share(alone, 0, gradient.shards(), packs, scratch.data(),
                           [&](std::size_t begin, std::size_t end, const float* g) {
                               apply_rule<V>(adam, rule, begin, end, g, state, parameters.data());
                           });
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
    parts found;
    found.shuffle = seconds_of_shuffle();
    for (std::size_t i = 0; i < sizes; ++i) {
        const std::size_t packs = std::size_t{1} << i;
        gradient_of_batch gradient(packs);
        found.shards[i] = gradient.shards();
        found.pack[i] = seconds_of_pack(gradient);
        std::size_t next = 0;
        found.clear[i] = best_seconds(300, [&] { gradient.cleared(next++ % gradient.shards()); });
        for (std::size_t s = 0; s < gradient.shards(); ++s) gradient.cleared(s);
        found.update[i] = seconds_of_update(gradient, packs);
    }
    found.barrier_each = barrier_each;
    if (barrier_each == 0) {
        constexpr double assumed = 100e-9;  // where there is one core: about what two cores take
        found.barrier_each = threads() > 1 ? seconds_of_barrier(threads()) / double(threads()) : assumed;
    }
    return found;
}

/// Seconds of one step of `batch` samples on `cores` cores.
double seconds_of_step(const parts& part, std::size_t batch, std::size_t cores) {
    const std::size_t packs = packs_of(batch), place = place_of(packs);
    const std::size_t shards = part.shards[place], used = std::min(cores, shards);
    const auto ceil_of = [](std::size_t a, std::size_t b) { return static_cast<double>((a + b - 1) / b); };
    const double compute = ceil_of(shards, used) * (ceil_of(packs, shards) * part.pack[place] + part.clear[place]);
    const double update = part.update[place] / static_cast<double>(used);
    const double barriers = used > 1 ? 2 * static_cast<double>(used) * part.barrier_each : 0;
    return compute + update + barriers;
}

double seconds_of_epoch(const parts& part, std::size_t batch, std::size_t cores) {
    const std::size_t steps = (images + batch - 1) / batch;
    return part.shuffle + static_cast<double>(steps) * seconds_of_step(part, batch, cores);
}

void print_table(const parts& part) {
    constexpr std::array<std::size_t, 7> cores{1, 2, 4, 8, 16, 32, 64};
    std::printf("\nSpeed-up\n%6s", "batch");
    for (const std::size_t count : cores) std::printf(" %8zu", count);
    std::printf("   epoch on 1, on 64 cores\n");
    for (const std::size_t batch : batches) {
        const double alone = seconds_of_epoch(part, batch, 1);
        std::printf("%6zu", batch);
        for (const std::size_t count : cores) std::printf(" %8.1f", alone / seconds_of_epoch(part, batch, count));
        std::printf("   %.3f s, %.3f s\n", alone, seconds_of_epoch(part, batch, 64));
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
    std::printf("LeNet-5, %zu lanes, %zu parameters; measured on %s, in microseconds:\n", lanes<V>,
                LeNet5::parameter_count, measure::counted(threads(), "thread").c_str());
    std::printf("%8.2f  the order of an epoch\n", 1e6 * part.shuffle);
    std::printf("%8.3f  a barrier, for each thread\n", 1e6 * part.barrier_each);
    std::printf("%8s %10s %10s %12s\n", "packs", "a pack", "a shard", "the update");
    for (std::size_t i = 0; i < sizes; ++i) {
        std::printf("%8zu %10.2f %10.2f %12.2f\n", std::size_t{1} << i, 1e6 * part.pack[i], 1e6 * part.clear[i],
                    1e6 * part.update[i]);
    }
    print_table(part);
}
