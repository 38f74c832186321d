#pragma once

#include "strata/core/data_format.hpp"
#include "strata/core/stage.hpp"
#include "strata/model/memory_plan.hpp"
#include "strata/simd/memory.hpp"
#include "strata/simd/pack.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// The prediction of a single sample, in which the lanes of V run over its cells. Takes the steps of a network as they
/// were written, network::written. In which format each activation lies is settled while compiling; a step that cannot
/// read it gets a copy.
template <class Steps, class V> class one_sample_pass {
    using T = scalar_t<V>;
    static constexpr std::size_t depth = Steps::depth;
    template <std::size_t I> using stage = typename Steps::template stage<I>;
    template <std::size_t I> static constexpr auto inputs_of = Steps::template inputs_of<I>;
    template <std::size_t A> using shape_at = typename Steps::template shape_at<A>;

    template <class F> static constexpr void for_each_step(F&& f) {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (f(std::integral_constant<std::size_t, I>{}), ...);
        }(std::make_index_sequence<depth>{});
    }

    /// Whether step I reads activation A as it is, where that lies in a format.
    template <std::size_t I, std::size_t A> static constexpr bool reads(data_format format) {
        if (format == data_format::channels_last || one_data_format<shape_at<A>>) return true;
        if constexpr (has_one_sample_form<stage<I>, V>)
            return stage<I>::template one_sample<V>::reads_channels_first;
        else
            return false;
    }

    template <std::size_t I> static constexpr data_format output_format(data_format input) {
        if constexpr (has_one_sample_form<stage<I>, V>) {
            const bool as_it_is = reads<I, inputs_of<I>[0]>(input);
            return stage<I>::template one_sample<V>::output_format(as_it_is ? input : data_format::channels_last);
        } else {
            return data_format::channels_last;
        }
    }

public:
    /// The format of each activation.
    static constexpr auto formats = [] {
        std::array<data_format, depth + 1> table{};
        for_each_step([&](auto i) { table[i + 1] = output_format<i>(table[inputs_of<i>[0]]); });
        return table;
    }();

private:
    /// Values of an activation: stages may read two vectors beyond one.
    static constexpr std::size_t padded(std::size_t values) {
        return round_up(values + 2 * lanes<V>, alignment / sizeof(T));
    }

    template <std::size_t I, std::size_t K>
    static constexpr bool reads_input = reads<I, inputs_of<I>[K]>(formats[inputs_of<I>[K]]);

    /// What the copies of inputs in another format need.
    template <std::size_t I>
    static constexpr std::size_t copies = [] {
        return []<std::size_t... K>(std::index_sequence<K...>) {
            return (std::size_t{0} + ... + (reads_input<I, K> ? 0 : padded(Steps::sizes[inputs_of<I>[K]])));
        }(std::make_index_sequence<inputs_of<I>.size()>{});
    }();

    /// Values of scratch that a stage asks for, and whether it keeps cells.
    template <std::size_t I>
    static constexpr std::size_t scratch = [] {
        if constexpr (has_one_sample_form<stage<I>, V>)
            return std::size_t{stage<I>::template one_sample<V>::scratch};
        else
            return needs_of<stage<I>, T>.scratch;
    }();
    template <std::size_t I>
    static constexpr bool keeps = [] {
        if constexpr (has_one_sample_form<stage<I>, V>)
            return false;
        else
            return needs_of<stage<I>, T>.kept > 0;
    }();

    static constexpr inference_plan<depth> plan{[] {
        std::array<step_facts, depth> all{};
        for_each_step([&](auto i) {
            step_facts& facts = all[i];
            facts.input_count = inputs_of<i>.size();
            std::copy(inputs_of<i>.begin(), inputs_of<i>.end(), facts.inputs.begin());
            facts.output_size = padded(Steps::sizes[i + 1]);
            facts.moves_nothing = moves_nothing<stage<i>> && copies<i> == 0;
            facts.scratch = copies<i> + padded(scratch<i>);
            if constexpr (!has_one_sample_form<stage<i>, V>) {
                facts.kept = padded(needs_of<stage<i>, T>.kept);
                facts.in_place = needs_of<stage<i>, T>.in_place;
            }
        });
        return memory_facts<depth>(padded(Steps::sizes[0]), all);
    }()};

public:
    /// Values of a workspace.
    static constexpr std::size_t cells = plan.cells + padded(Steps::sizes[depth]);

    /// Runs all steps; the input lies at the start of a workspace, the output is returned. `values` is the arena.
    static const T* run(T* workspace, const T* values) {
        for_each_step([&](auto i) { run_step<i>(workspace, values); });
        const T* y = workspace + plan.activations[depth];
        if constexpr (formats[depth] == data_format::channels_first && !one_data_format<shape_at<depth>>) {
            channels_to_last<shape_at<depth>>(y, workspace + plan.cells);
            y = workspace + plan.cells;
        }
        return y;
    }

    /// What step I is given: benchmarks run it alone.
    template <std::size_t I> static auto context_of(T* workspace, const T* values) {
        constexpr std::size_t inputs = inputs_of<I>.size();
        T* free = workspace + plan.scratch[I];
        const auto input = [&](auto k) -> const T* {
            constexpr std::size_t a = inputs_of<I>[k];
            if constexpr (reads_input<I, k>) {
                return workspace + plan.activations[a];
            } else {
                T* const copy = free;
                free += padded(Steps::sizes[a]);
                channels_to_last<shape_at<a>>(workspace + plan.activations[a], copy);
                return copy;
            }
        };
        forward_context<T, inputs> c{.x = {}, .y = workspace + plan.activations[I + 1]};
        if constexpr (total_size(stage<I>::parameters) > 0) c.parameters = values + Steps::template parameter_offset<I>;
        if constexpr (total_size(state_of<stage<I>>) > 0) c.state = values + Steps::template state_offset<I>;
        if constexpr (keeps<I>) c.kept = workspace + plan.kept[I];
        [&]<std::size_t... K>(std::index_sequence<K...>) {
            if constexpr (inputs == 1)
                c.x = input(std::integral_constant<std::size_t, 0>{});
            else
                c.x = {input(std::integral_constant<std::size_t, K>{})...};
        }(std::make_index_sequence<inputs>{});
        if constexpr (scratch<I> > 0) c.scratch = free;
        return c;
    }

    /// The format in which step I reads its input.
    template <std::size_t I>
    static constexpr data_format input_format =
        reads_input<I, 0> ? formats[inputs_of<I>[0]] : data_format::channels_last;

private:
    template <std::size_t I> static void run_step(T* workspace, const T* values) {
        if constexpr (moves_nothing<stage<I>>) {
            if constexpr (copies<I> > 0)
                channels_to_last<shape_at<inputs_of<I>[0]>>(workspace + plan.activations[inputs_of<I>[0]],
                                                            workspace + plan.activations[I + 1]);
        } else if constexpr (has_one_sample_form<stage<I>, V>) {
            stage<I>::template one_sample<V>::template run<input_format<I>>(context_of<I>(workspace, values));
        } else {
            stage<I>::forward(context_of<I>(workspace, values));
        }
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
