#pragma once

#include "strata/core/context.hpp"
#include "strata/core/data_format.hpp"
#include "strata/kernels/activation/apply.hpp"
#include "strata/simd/long_sums.hpp"
#include "strata/simd/math.hpp"
#include "strata/simd/memory.hpp"
#include "strata/simd/pack.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels::one_sample {

/// y = Function::apply(x) for `count` cells; y may be x. Where `count` is no multiple of the lanes, the last vector
/// overlaps the one before, or is stored in part where there is none.
template <class Function, class V>
STRATA_OUT_OF_LINE void apply(const scalar_t<V>* x, std::size_t count, scalar_t<V>* y) {
    const std::size_t last = std::max(count, lanes<V>) - lanes<V>;
    const V end = Function::apply(load<V>(x + last));  // before the vector that it overlaps is written
    activate<Function, V>(x, packs_for<V>(last), y);
    if (count < lanes<V>)
        store_first<V>(end, count, y);
    else
        store<V>(end, y + last);
}

/// An activation that works cell by cell, as a stage.
template <class Function, std::size_t N, class V> struct elementwise {
    using T = scalar_t<V>;
    static constexpr std::size_t scratch = 0;
    static constexpr bool reads_channels_first = true;
    static constexpr data_format output_format(data_format input) { return input; }

    template <data_format> static void run(forward_context<T> c) { apply<Function, V>(c.x, N, c.y); }
};

/// What the two stages below have in common: they read a row at a time.
template <std::size_t Rows, std::size_t Columns, class V> class rows_of_exponentials {
public:
    using T = scalar_t<V>;
    static constexpr std::size_t scratch = round_up(Columns, lanes<V>);
    static constexpr bool reads_channels_first = false;
    static constexpr data_format output_format(data_format) { return data_format::channels_last; }

protected:
    /// Calls f(x, y, sum, shift) for each row, whose exp(x[i] - shift), with this sum, stand in the scratch.
    template <class F> static void for_each_row(const forward_context<T>& c, const F& f) {
        for (std::size_t first = 0; first < Rows * Columns; first += Columns) {
            const auto [sum, shift] = exponentiate(c.x + first, c.scratch);
            f(c.x + first, c.y + first, sum, shift);
        }
    }

private:
    struct sum_of_row {
        T sum, shift;  // of exp(x[i] - shift)
    };

    /// Writes exp(x[i] - shift) for a row. The lanes behind it compute with an ordinary number, too: with infinity they
    /// would do invalid operations.
    static sum_of_row exponentiate(const T* x, T* exponentials) {
        constexpr std::size_t L = lanes<V>;
        std::copy_n(x, Columns, exponentials);
        std::fill(exponentials + Columns, exponentials + scratch, x[0]);
        V largest = load<V>(exponentials);
        for (std::size_t i = L; i < scratch; i += L) largest = math::max(largest, load<V>(exponentials + i));
        const V shift(largest_lane(largest));
        for (std::size_t i = 0; i < scratch; i += L)
            store<V>(math::exp(load<V>(exponentials + i) - shift), exponentials + i);
        std::fill(exponentials + Columns, exponentials + scratch, T(0));
        const V sum = sum_of<scratch / L>([&](std::size_t i) { return load<V>(exponentials + i * L); });
        return {sum_lanes(sum), largest_lane(shift)};
    }

    static T largest_lane(const V& v) {
        T values[lanes<V>];
        store<V>(v, values);
        return *std::max_element(values, values + lanes<V>);
    }
};

/// y[row] = exp(x[row]) / sum(exp(x[row])) for rows of `Columns` cells.
template <std::size_t Rows, std::size_t Columns, class V> struct softmax : rows_of_exponentials<Rows, Columns, V> {
    using T = scalar_t<V>;

    template <data_format> static void run(forward_context<T> c) {
        softmax::for_each_row(c, [&](const T*, T* y, T sum, T) {
            const T scale = T(1) / sum;
            for (std::size_t i = 0; i < Columns; ++i) y[i] = c.scratch[i] * scale;
        });
    }
};

/// y[row] = x[row] - log(sum(exp(x[row]))) for rows of `Columns` cells.
template <std::size_t Rows, std::size_t Columns, class V> struct log_softmax : rows_of_exponentials<Rows, Columns, V> {
    using T = scalar_t<V>;

    template <data_format> static void run(forward_context<T> c) {
        log_softmax::for_each_row(c, [](const T* x, T* y, T sum, T shift) {
            const T log_sum = std::log(sum);
            for (std::size_t i = 0; i < Columns; ++i) y[i] = (x[i] - shift) - log_sum;
        });
    }
};

}  // namespace kernels::one_sample
}  // namespace STRATA_ISA
}  // namespace strata::authoring
