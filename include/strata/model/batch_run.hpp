#pragma once

#include "strata/config.hpp"
#include "strata/model/coupled_pass.hpp"
#include "strata/model/memory_plan.hpp"
#include "strata/model/network_pass.hpp"
#include "strata/simd/memory.hpp"
#include "strata/system/parallel.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
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
template <class V>
STRATA_OUT_OF_LINE void spoil_dead_cells(aligned_vector<V>& cells, std::span<const memory_range> live) {
    aligned_vector<V> spoiled(cells.size(), V(std::numeric_limits<scalar_t<V>>::quiet_NaN()));
    for (const memory_range& range : live)
        std::copy_n(cells.data() + range.offset, range.size, spoiled.data() + range.offset);
    cells.swap(spoiled);
}

namespace detail {

/// The numbers of a network, and the places in the cells of a pack, that a batch needs.
struct batch_layout {
    std::size_t inputs, outputs, parameters, cells;
    std::size_t output, output_gradient, input_gradient;
    bool has_input_gradient;
    std::span<const memory_range> live_after_loss;
};

/// A network's passes over the packs of a batch. Behind functions that are found at run time, so that all the rest of
/// run_batch is compiled once for each V, however many networks a program checks.
template <class V> class batch_passes {
public:
    using pack_function = std::function<pack_values<V>(std::size_t p)>;

    batch_passes() = default;
    virtual ~batch_passes() = default;
    batch_passes(const batch_passes&) = delete;
    batch_passes& operator=(const batch_passes&) = delete;

    virtual void forward(team& all, std::size_t thread, team::range mine, std::size_t packs, const pack_function&) = 0;
    virtual void backward(team& all, std::size_t thread, team::range mine, std::size_t packs, const pack_function&) = 0;
    virtual void update_state(scalar_t<V>* values) = 0;
};

/// Those in training let steps see the whole batch.
template <class Network, class V, bool InputGradient> class network_batch_passes final : public batch_passes<V> {
    using pass = network_pass<Network, V, InputGradient>;
    using pack_function = typename batch_passes<V>::pack_function;
    static constexpr std::size_t depth = Network::depth;
    static constexpr const auto& plan = Network::template training<V, InputGradient>;

public:
    static constexpr batch_layout layout{.inputs = Network::input::size,
                                         .outputs = Network::output::size,
                                         .parameters = Network::parameter_count,
                                         .cells = pass::cells,
                                         .output = plan.activations[depth],
                                         .output_gradient = plan.gradients[depth],
                                         .input_gradient = plan.gradients[0],
                                         .has_input_gradient = InputGradient,
                                         .live_after_loss = plan.live_after_loss};

    explicit network_batch_passes(const batch_input& in)
        : whole_(packs_for<V>(in.x.size() / layout.inputs), in.threads), training_{in.training} {}

    void forward(team& all, std::size_t thread, team::range mine, std::size_t packs,
                 const pack_function& pack) override {
        if (training_) return whole_.forward(all, thread, mine.begin, mine.end, packs, pack);
        for (std::size_t p = mine.begin; p < mine.end; ++p) pass::template forward_range<0, depth>(pack(p));
    }

    void backward(team& all, std::size_t thread, team::range mine, std::size_t packs,
                  const pack_function& pack) override {
        if (training_) return whole_.backward(all, thread, mine.begin, mine.end, packs, pack);
        for (std::size_t p = mine.begin; p < mine.end; ++p) pass::template backward_range<0, depth>(pack(p));
    }

    void update_state(scalar_t<V>* values) override {
        if (training_) whole_.update_state(0, values);
    }

private:
    coupled_pass<Network, depth, V, InputGradient> whole_;
    bool training_;
};

template <class V>
STRATA_OUT_OF_LINE batch_output run_passes(batch_passes<V>& passes, const batch_layout& layout, const batch_input& in) {
    using T = scalar_t<V>;
    constexpr T before = T(0.5);  // gradients have to be added to
    const std::size_t samples = in.x.size() / layout.inputs, packs = packs_for<V>(samples);
    aligned_vector<T> values(in.values.begin(), in.values.end());
    values.resize(in.values.size() + lanes<V>);
    // A layer that asks for too few cells writes behind them, where this shows and does no harm.
    constexpr std::size_t behind = 64;
    std::vector<aligned_vector<V>> cells(packs, aligned_vector<V>(layout.cells + behind, V(T(1e3))));
    std::vector<aligned_vector<T>> gradients(packs, aligned_vector<T>(layout.parameters + 1, before));
    batch_output out{
        std::vector<double>(samples * layout.outputs), std::vector<double>(samples * layout.inputs), {}, {}};

    const auto lanes_in = [&](std::size_t p) { return std::min(lanes<V>, samples - p * lanes<V>); };
    const typename batch_passes<V>::pack_function pack = [&](std::size_t p) {
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
        for (std::size_t p = mine.begin; p < mine.end; ++p) put(in.x, layout.inputs, p, 1, cells[p].data());
        passes.forward(all, thread, mine, packs, pack);
        for (std::size_t p = mine.begin; p < mine.end; ++p) {
            take(cells[p].data() + layout.output, layout.outputs, p, out.y);
            if (!in.backward) continue;
            spoil_dead_cells(cells[p], layout.live_after_loss);
            put(in.dy, layout.outputs, p, 0, cells[p].data() + layout.output_gradient);
        }
        if (!in.backward) return;
        passes.backward(all, thread, mine, packs, pack);
        if (!layout.has_input_gradient) return;
        for (std::size_t p = mine.begin; p < mine.end; ++p)
            take(cells[p].data() + layout.input_gradient, layout.inputs, p, out.dx);
    });
    passes.update_state(values.data());
    for (std::size_t i = 0; i < layout.parameters; ++i) {
        double sum = 0;
        for (const auto& of_pack : gradients) sum += static_cast<double>(of_pack[i] - before);
        out.gradients.push_back(sum);
    }
    out.values.assign(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(in.values.size()));
    return out;
}

}  // namespace detail

/// Runs a batch in cells of V, in as many packs as it needs. Cells start with a number that would show. Without
/// InputGradient, as in training, dx stays zero.
template <class Network, class V, bool InputGradient = true> batch_output run_batch(const batch_input& in) {
    detail::network_batch_passes<Network, V, InputGradient> passes(in);
    return detail::run_passes<V>(passes, passes.layout, in);
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
