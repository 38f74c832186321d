#pragma once

#include "strata/kernels/activation/apply.hpp"
#include "strata/kernels/one_sample/activation.hpp"
#include "strata/simd/pack.hpp"

#include <cstddef>
#include <type_traits>

/// What recurrent layers compute in one step, cell by cell. The products with their weights come from sequence.hpp, or
/// for a single sample from one_sample.hpp.
///
/// A cell has Units results, its state, and for each of them
///
///  - `gates`: values that come out of the products, gate by gate: those of unit 0, 1, ... in the first gate first;
///  - `kept`: values that a step keeps for the backward pass, besides the gates and the result;
///
/// and says
///
///  - `has_cell_state`: whether the first thing that it keeps goes from step to step as the state does;
///  - `keeps_sums`: whether the gradient of the product with the state is another one than that of the product with the
///    input: then the sums of the first are kept, too;
///  - `second_bias`: whether the product with the state has a bias of its own;
///  - `multiplies_again`: whether a step multiplies the recurrent kernel by what it keeps, too;
///  - `passes_on`: whether the gradient of a state goes past the product, too.
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels::recurrent {

/// Where the values of units lie in `forward`: each is a V with a sample in each lane.
template <class V> struct samples_in_lanes {
    using vector = V;
    static constexpr std::size_t distance = lanes<V>;  ///< from one unit to the next

    template <class Function> static void activate(const scalar_t<V>* z, std::size_t units, scalar_t<V>* y) {
        kernels::activate<Function, V>(z, units, y);
    }
};

/// Or they are those of one sample, and lanes run over units. Loops may read and write a vector beyond the last one.
template <class V> struct units_in_lanes {
    using vector = V;
    static constexpr std::size_t distance = 1;

    template <class Function> static void activate(const scalar_t<V>* z, std::size_t units, scalar_t<V>* y) {
        one_sample::apply<Function, V>(z, units, y);
    }
};

/// What `forward` of a cell is given. `T` are the lanes' numbers.
template <class T> struct forward_step {
    T* gates;              ///< the product with the input and its bias; left as what `backward` needs of it
    T* sums;               ///< the product with the state before
    const T* before;       ///< the state before
    T* state;              ///< to be filled; may be `before`
    T* kept;               ///< to be filled
    const T* kept_before;  ///< that of the step before; may be `kept`
};

/// What `backward` of a cell is given.
template <class V> struct backward_step {
    V* gates;              ///< as `forward` has left them; to be replaced by the gradient of the product with the input
    V* sums;               ///< the same for the product with the state, if the cell keeps its sums
    const V* before;       ///< the state before
    const V* state;        ///< the state
    const V* kept;         ///< what `forward` has kept
    const V* kept_before;  ///< what the step before has kept
    const V* gradient;     ///< with respect to the state
    V* kept_gradient;      ///< with respect to the first thing kept; to be replaced by that of the step before
    V* passed_on;          ///< with respect to the state before, past the product; to be filled if the cell passes_on
};

namespace detail {

/// Calls body(i) for each vector of so many units.
template <class Layout, std::size_t Units, class Body> void for_each_vector(Body&& body) {
    using V = typename Layout::vector;
    for (std::size_t i = 0; i < Units * Layout::distance; i += lanes<V>) body(i);
}

/// to += from for so many units, and not more.
template <class Layout, std::size_t Units, class T> void add(const T* from, T* to) {
    using V = typename Layout::vector;
    constexpr std::size_t count = Units * Layout::distance, whole = count / lanes<V> * lanes<V>;
    for (std::size_t i = 0; i < whole; i += lanes<V>) store<V>(load<V>(to + i) + load<V>(from + i), to + i);
    for (std::size_t i = whole; i < count; ++i) to[i] += from[i];
}

}  // namespace detail

/// h = activation(x kernel + h recurrent_kernel + bias).
template <std::size_t Units, class Activation> struct simple_rnn_cell {
    static constexpr std::size_t units = Units, gates = 1, kept = 0;
    static constexpr bool has_cell_state = false, keeps_sums = false, second_bias = false, multiplies_again = false,
                          passes_on = false;

    template <class Layout, class T, class Product> static void forward(const forward_step<T>& s, Product&&) {
        detail::add<Layout, Units>(s.sums, s.gates);
        Layout::template activate<Activation>(s.gates, Units, s.state);
    }

    template <class V, class Product> static void backward(const backward_step<V>& s, Product&&) {
        for (std::size_t u = 0; u < Units; ++u) s.gates[u] = s.gradient[u] * Activation::slope(s.state[u]);
    }
};

/// Long short-term memory, with gates i, f, c, o: cell state = f cell state + i c, h = o activation(cell state).
/// Keeps the cell state and its activation.
template <std::size_t Units, class Activation, class GateActivation> struct lstm_cell {
    static constexpr std::size_t units = Units, gates = 4, kept = 2;
    static constexpr bool has_cell_state = true, keeps_sums = false, second_bias = false, multiplies_again = false,
                          passes_on = false;

    template <class Layout, class T, class Product> static void forward(const forward_step<T>& s, Product&&) {
        using V = typename Layout::vector;
        constexpr std::size_t gate = Units * Layout::distance;
        T *const i = s.gates, *const f = i + gate, *const c = f + gate, *const o = c + gate, *const out = s.kept + gate;
        detail::add<Layout, 4 * Units>(s.sums, s.gates);
        Layout::template activate<GateActivation>(i, 2 * Units, i);
        Layout::template activate<Activation>(c, Units, c);
        Layout::template activate<GateActivation>(o, Units, o);
        detail::for_each_vector<Layout, Units>([&](std::size_t u) {
            const V added = load<V>(i + u) * load<V>(c + u);
            store<V>(multiply_add(load<V>(f + u), load<V>(s.kept_before + u), added), s.kept + u);
        });
        Layout::template activate<Activation>(s.kept, Units, out);
        detail::for_each_vector<Layout, Units>(
            [&](std::size_t u) { store<V>(load<V>(o + u) * load<V>(out + u), s.state + u); });
    }

    template <class V, class Product> static void backward(const backward_step<V>& s, Product&&) {
        for (std::size_t u = 0; u < Units; ++u) {
            const V i = s.gates[u], f = s.gates[Units + u], c = s.gates[2 * Units + u], o = s.gates[3 * Units + u];
            const V out = s.kept[Units + u], gradient = s.gradient[u];
            const V cell_gradient = multiply_add(gradient * o, Activation::slope(out), s.kept_gradient[u]);
            s.gates[u] = cell_gradient * c * GateActivation::slope(i);
            s.gates[Units + u] = cell_gradient * s.kept_before[u] * GateActivation::slope(f);
            s.gates[2 * Units + u] = cell_gradient * i * Activation::slope(c);
            s.gates[3 * Units + u] = gradient * out * GateActivation::slope(o);
            s.kept_gradient[u] = cell_gradient * f;
        }
    }
};

/// Gated recurrent unit, with gates z, r, c: h = z h + (1 - z) c. The reset gate r goes to what the product makes of
/// the state, c = activation(x kernel + r (h recurrent_kernel)), or with ResetBefore to the state, c = activation(x
/// kernel + (r h) recurrent_kernel): then the cell keeps r h.
template <std::size_t Units, class Activation, class GateActivation, bool ResetBefore> struct gru_cell {
    static constexpr std::size_t units = Units, gates = 3, kept = ResetBefore ? 1 : 0;
    static constexpr bool has_cell_state = false, keeps_sums = true, second_bias = !ResetBefore,
                          multiplies_again = ResetBefore, passes_on = true;

    /// `multiply` replaces the sums by the product with what is kept.
    template <class Layout, class T, class Product>
    static void forward(const forward_step<T>& s, [[maybe_unused]] Product&& multiply) {
        using V = typename Layout::vector;
        constexpr std::size_t gate = Units * Layout::distance;
        T *const z = s.gates, *const r = z + gate, *const c = r + gate;
        detail::add<Layout, 2 * Units>(s.sums, s.gates);
        Layout::template activate<GateActivation>(z, 2 * Units, z);
        if constexpr (ResetBefore) {
            detail::for_each_vector<Layout, Units>(
                [&](std::size_t u) { store<V>(load<V>(r + u) * load<V>(s.before + u), s.kept + u); });
            multiply();
            detail::add<Layout, Units>(s.sums + 2 * gate, c);
        } else {
            detail::for_each_vector<Layout, Units>([&](std::size_t u) {
                store<V>(multiply_add(load<V>(r + u), load<V>(s.sums + 2 * gate + u), load<V>(c + u)), c + u);
            });
        }
        Layout::template activate<Activation>(c, Units, c);
        detail::for_each_vector<Layout, Units>([&](std::size_t u) {
            const V candidate = load<V>(c + u);
            store<V>(multiply_add(load<V>(z + u), load<V>(s.before + u) - candidate, candidate), s.state + u);
        });
    }

    /// `multiply(from, to)` takes a gradient back through the product.
    template <class V, class Product>
    static void backward(const backward_step<V>& s, [[maybe_unused]] Product&& multiply) {
        const V one(scalar_t<V>(1)), zero(scalar_t<V>(0));
        for (std::size_t u = 0; u < Units; ++u) {
            const V z = s.gates[u], c = s.gates[2 * Units + u], gradient = s.gradient[u];
            const V of_c = gradient * (one - z) * Activation::slope(c);
            s.gates[u] = gradient * (s.before[u] - c) * GateActivation::slope(z);
            s.gates[2 * Units + u] = of_c;
            if constexpr (ResetBefore) {
                s.sums[u] = s.sums[Units + u] = zero;
                s.sums[2 * Units + u] = of_c;
            }
            s.passed_on[u] = gradient * z;
        }
        if constexpr (ResetBefore) multiply(s.sums, s.kept_gradient);
        for (std::size_t u = 0; u < Units; ++u) {
            const V r = s.gates[Units + u], of_c = s.gates[2 * Units + u];
            if constexpr (ResetBefore) {
                s.gates[Units + u] = s.kept_gradient[u] * s.before[u] * GateActivation::slope(r);
                s.sums[2 * Units + u] = zero;
                s.passed_on[u] = multiply_add(s.kept_gradient[u], r, s.passed_on[u]);
            } else {
                s.gates[Units + u] = of_c * s.sums[2 * Units + u] * GateActivation::slope(r);
                s.sums[2 * Units + u] = of_c * r;
            }
            s.sums[u] = s.gates[u];
            s.sums[Units + u] = s.gates[Units + u];
        }
    }
};

}  // namespace kernels::recurrent
}  // namespace STRATA_ISA
}  // namespace strata::authoring
