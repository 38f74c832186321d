#pragma once

#include "strata/core/stage.hpp"
#include "strata/model/network_pass.hpp"
#include "strata/simd/memory.hpp"
#include "strata/simd/pack.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Takes second derivatives of a loss back through a network, in the diagonal Gauss-Newton approximation
/// (has_gauss_newton). It is the backward pass of inference, by the plan of training, with another function of each
/// stage. The network is that of the steps as they were written, before any were fused.
template <class Network, class V> class gauss_newton_pass {
    using T = scalar_t<V>;
    using pass = network_pass<Network, V>;

    /// The largest number of parameters of a frozen step: what is made for them is forgotten.
    static constexpr std::size_t forgotten = []<std::size_t... I>(std::index_sequence<I...>) {
        return std::max(
            {std::size_t{0},
             (Network::template step<I>::frozen ? total_size(Network::template stage<I>::parameters) : 0)...});
    }(std::make_index_sequence<Network::depth>{});

    /// The step that reads the gradient of the loss, too, or the number of steps.
    static constexpr std::size_t gradient_step = []<std::size_t... I>(std::index_sequence<I...>) {
        return std::min(
            {Network::depth,
             (needs_of<typename Network::template stage<I>, V>.gauss_newton_reads_gradient ? I : Network::depth)...});
    }(std::make_index_sequence<Network::depth>{});

    /// Cells of that gradient.
    static constexpr std::size_t gradient_cells =
        gradient_step < Network::depth ? Network::sizes[gradient_step + 1] : 0;

    /// How many steps read it. It has a name since clang prints a condition with the message, all lines of it.
    static constexpr std::size_t gradient_readers = []<std::size_t... I>(std::index_sequence<I...>) {
        return (std::size_t{needs_of<typename Network::template stage<I>, V>.gauss_newton_reads_gradient} + ... + 0);
    }(std::make_index_sequence<Network::depth>{});

    static_assert(
        gradient_readers <= 1,
        "gauss_newton_diagonal, StochasticDiagonalLM: a network has at most one layer whose second derivatives "
        "depend on the gradient, such as RBF");

public:
    /// Cells of a workspace: behind those of the passes are the squares of a step's input, what is forgotten, and the
    /// gradient that a step reads.
    static constexpr std::size_t cells = pass::cells + Network::widest + packs_for<V>(forgotten) + gradient_cells;

    /// Whether a step reads the gradient: then `keep_gradient` comes first.
    static constexpr bool reads_gradient = gradient_step < Network::depth;

    /// For these values of the model's arena.
    explicit gauss_newton_pass(const T* values) : values_{values}, squares_(Network::value_count + lanes<V>) {
        std::transform(values, values + Network::value_count, squares_.data(), [](T value) { return value * value; });
    }

    /// Runs the first `End` steps in inference; returns the last activation.
    template <std::size_t End> static const V* forward(const pack_values<V>& pack) {
        return pass::template forward_range<0, End>(pack);
    }

    /// Where the second derivatives with respect to that belong before `backward` is called.
    template <std::size_t End> static V* output_derivatives(V* workspace) {
        return pass::template output_gradient<End>(workspace);
    }

    /// The gradient of the loss, in the place of second derivatives, back to the step that reads it. What `forward` has
    /// made is gone then.
    template <std::size_t End> static void keep_gradient(const pack_values<V>& pack) {
        pass::template backward_range<gradient_step, End>(pack, run_gradient{kept_gradient(pack)});
    }

    /// Adds those with respect to the parameters to pack.gradients.
    template <std::size_t End> void backward(const pack_values<V>& pack) const {
        V* const behind = pack.cells + pass::cells;
        pass::template backward_range<0, End>(
            pack, run_gauss_newton{values_, squares_.data(), behind, as_lanes(behind + Network::widest),
                                   kept_gradient(pack)});
    }

private:
    static V* kept_gradient(const pack_values<V>& pack) { return pack.cells + cells - gradient_cells; }

    struct run_gradient {
        V* kept;

        template <class Step, bool InputGradient, std::size_t Inputs> void run(backward_context<V, Inputs> c) const {
            using stage = typename Step::stage;
            if constexpr (needs_of<stage, V>.gauss_newton_reads_gradient) {
                std::copy_n(c.dy, stage::output::size, kept);
            } else {
                static_assert(total_size(stage::parameters) == 0,
                              "gauss_newton_diagonal, StochasticDiagonalLM: behind a layer whose second derivatives "
                              "depend on the gradient, such as RBF, there must be no layer with parameters");
                stage::template backward<InputGradient>(c);
            }
        }
    };

    struct run_gauss_newton {
        const T *values, *squares;
        V* squared_x;
        T* forgotten;
        const V* gradient;

        template <class Step, bool InputGradient, std::size_t Inputs>
        void run(const backward_context<V, Inputs>& given) const {
            using stage = typename Step::stage;
            static_assert(has_gauss_newton<stage, V, Inputs>,
                          "gauss_newton_diagonal, StochasticDiagonalLM: a layer of this network has no `gauss_newton`, "
                          "by which second derivatives go back through it; see has_gauss_newton in core/stage.hpp");
            gauss_newton_context<V, Inputs> c{given};
            if (c.parameters != nullptr) c.squared_parameters = squares + (c.parameters - values);
            if (c.gradients == nullptr) c.gradients = forgotten;
            if constexpr (Inputs == 1 && needs_of<stage, V>.backward_reads_x && total_size(stage::parameters) > 0) {
                constexpr std::size_t size = Network::sizes[Step::inputs[0]];
                for (std::size_t i = 0; i < size; ++i) squared_x[i] = c.x[i] * c.x[i];
                c.squared_x = squared_x;
            }
            c.gradient = gradient;
            stage::template gauss_newton<InputGradient>(c);
        }
    };

    const T* values_;
    aligned_vector<T> squares_;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
