#pragma once

#include "strata/model/coupled_pass.hpp"
#include "strata/simd/memory.hpp"
#include "strata/system/parallel.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

/// A batch of samples through a network and back, as vectors of double: what checks of layers are made of.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// What goes in: samples and upstream gradients one after the other, and the arena of the network's values.
struct batch_input {
    std::vector<double> x, dy, values;
    bool training = true;
    bool backward = true;
    std::uint64_t seed = 0;
    std::size_t threads = 1;
};

/// What comes out. The gradients of parameters are sums over the samples; `values` is the arena after the step.
struct batch_output {
    std::vector<double> y, dx, gradients, values;

    friend bool operator==(const batch_output&, const batch_output&) = default;
};

/// Fills the cells that the backward pass must not read, by the plan, with NaN.
template <class Network, class V, bool InputGradient> void spoil_dead_cells(aligned_vector<V>& cells) {
    static constexpr const auto& plan = Network::template training<V, InputGradient>;
    aligned_vector<V> spoiled(cells.size(), V(std::numeric_limits<scalar_t<V>>::quiet_NaN()));
    for (const memory_range& range : plan.live_after_loss)
        std::copy_n(cells.data() + range.offset, range.size, spoiled.data() + range.offset);
    cells.swap(spoiled);
}

/// Runs a batch in cells of V, in as many packs as it needs. Cells start with a number that would show. Without
/// InputGradient, as in training, dx stays zero.
template <class Network, class V, bool InputGradient = true> batch_output run_batch(const batch_input& in) {
    using T = scalar_t<V>;
    using pass = network_pass<Network, V, InputGradient>;
    constexpr std::size_t inputs = Network::input::size, outputs = Network::output::size, depth = Network::depth;
    constexpr T before = T(0.5);  // gradients have to be added to
    const std::size_t samples = in.x.size() / inputs, packs = packs_for<V>(samples);
    aligned_vector<T> values(in.values.begin(), in.values.end());
    values.resize(in.values.size() + lanes<V>);
    // A layer that asks for too few cells writes behind them, where this shows and does no harm.
    constexpr std::size_t behind = 64;
    std::vector<aligned_vector<V>> cells(packs, aligned_vector<V>(pass::cells + behind, V(T(1e3))));
    std::vector<aligned_vector<T>> gradients(packs, aligned_vector<T>(Network::parameter_count + 1, before));
    coupled_pass<Network, depth, V, InputGradient> whole(packs, in.threads);
    batch_output out{std::vector<double>(samples * outputs), std::vector<double>(samples * inputs), {}, {}};

    const auto lanes_in = [&](std::size_t p) { return std::min(lanes<V>, samples - p * lanes<V>); };
    const auto pack = [&](std::size_t p) {
        return pack_values<V>{.cells = cells[p].data(),
                              .values = values.data(),
                              .gradients = gradients[p].data(),
                              .samples = lanes_in(p),
                              .batch_samples = samples,
                              .training = in.training,
                              .random = {in.seed, 3, static_cast<std::uint32_t>(p * lanes<V>), 0}};
    };
    // Lays the samples of pack p into its lanes; unused ones repeat the last sample, times `unused`.
    const auto put = [&](const std::vector<double>& from, std::size_t size, std::size_t p, double unused, V* to) {
        for (std::size_t i = 0; i < size; ++i) {
            for (std::size_t n = 0; n < lanes<V>; ++n) {
                const std::size_t sample = p * lanes<V> + std::min(n, lanes_in(p) - 1);
                as_lanes(to + i)[n] = static_cast<T>(from[sample * size + i] * (n < lanes_in(p) ? 1 : unused));
            }
        }
    };
    const auto take = [&](const V* from, std::size_t size, std::size_t p, std::vector<double>& to) {
        for (std::size_t i = 0; i < size; ++i) {
            for (std::size_t n = 0; n < lanes_in(p); ++n)
                to[(p * lanes<V> + n) * size + i] = static_cast<double>(as_lanes(from + i)[n]);
        }
    };
    parallel(in.threads, [&](team& all, std::size_t thread) {
        const auto mine = all.share(thread, packs);
        for (std::size_t p = mine.begin; p < mine.end; ++p) put(in.x, inputs, p, 1, cells[p].data());
        if (in.training) {
            whole.forward(all, thread, mine.begin, mine.end, packs, pack);
        } else {
            for (std::size_t p = mine.begin; p < mine.end; ++p) pass::template forward_range<0, depth>(pack(p));
        }
        for (std::size_t p = mine.begin; p < mine.end; ++p) {
            take(pass::template output_of<depth>(cells[p].data()), outputs, p, out.y);
            if (!in.backward) continue;
            spoil_dead_cells<Network, V, InputGradient>(cells[p]);
            put(in.dy, outputs, p, 0, pass::template output_gradient<depth>(cells[p].data()));
        }
        if (!in.backward) return;
        if (in.training) {
            whole.backward(all, thread, mine.begin, mine.end, packs, pack);
        } else {
            for (std::size_t p = mine.begin; p < mine.end; ++p) pass::template backward_range<0, depth>(pack(p));
        }
        if constexpr (InputGradient) {
            for (std::size_t p = mine.begin; p < mine.end; ++p)
                take(pass::input_gradient(cells[p].data()), inputs, p, out.dx);
        }
    });
    if (in.training) whole.update_state(0, values.data());
    for (std::size_t i = 0; i < Network::parameter_count; ++i) {
        double sum = 0;
        for (const auto& of_pack : gradients) sum += static_cast<double>(of_pack[i] - before);
        out.gradients.push_back(sum);
    }
    out.values.assign(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(in.values.size()));
    return out;
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
