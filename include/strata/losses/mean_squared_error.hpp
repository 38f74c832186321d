#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/samples.hpp"
#include "strata/kernels/long_sums.hpp"
#include "strata/losses/loss.hpp"
#include "strata/simd/pack.hpp"

#include <cstddef>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// The mean of (y - target)^2 over the output (Keras: `MeanSquaredError`). Shapes: targets are shaped like the output.
/// Bytes as targets are refused: as inputs they would be scaled to [0, 1].
struct MeanSquaredError {
    static constexpr std::string_view name = "mean_squared_error";

    template <class Output> using target = Output;

    template <class Output> void check(const array_ref& targets) const {
        if (targets.holds_bytes()) {
            raise<value_error>(
                {"MeanSquaredError: the targets are bytes; a model's inputs of bytes are divided by 255, but "
                 "targets are not: give them as floats"});
        }
    }

    template <class Output, bool Logits, class V> V value(const V* y, const V* expected, const V& weight, V* dy) const {
        using T = scalar_t<V>;
        const V scale = weight * V(T(2) / T(Output::size));
        V sum[1] = {V(T(0))};
        kernels::add_terms<Output::size>(sum, [&](std::size_t i, V(&to)[1]) {
            const V difference = y[i] - expected[i];
            to[0] = multiply_add(difference, difference, to[0]);
            dy[i] = difference * scale;
        });
        return sum[0] * V(T(1) / T(Output::size));
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::MeanSquaredError;
}  // namespace strata
