#pragma once

#include "strata/core/input_value.hpp"
#include "strata/model/network.hpp"
#include "strata/model/one_sample_pass.hpp"
#include "strata/simd/memory.hpp"
#include "strata/simd/pack.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// The layers of a Sequential without its values, which lie anywhere: in a constant array of the program, say. Has no
/// state, and predicts one sample at a time in memory that the caller lends; nothing is allocated, nothing thrown.
/// Needs no file, no thread and no array library. `strata-convert header` writes the type and the values:
/// docs/deploy.md.
template <class First, class... Layers> class Predictor {
    using V = pack<float>;
    using network = model_network<typename First::output, Layers...>;
    using pass = one_sample_pass<typename network::written, V>;

public:
    using input = typename network::input;
    using output = typename network::output;

    /// How many values the network has, in the order of Sequential's values(): those that are trained, then moving
    /// averages and the values of frozen layers.
    static constexpr std::size_t value_count = network::value_count;

    /// How many floats an array of them has to have: registers are filled beyond the last value, by what does not
    /// count.
    static constexpr std::size_t array_size = value_count + lanes<V>;

    /// How many indices there are where the network begins with an Embedding; 0: every number is an input.
    static constexpr std::size_t index_count = network::template index_count<V>;

    /// What a prediction works in: `sizeof(workspace)` bytes, which hold nothing before and after. One for each thread.
    struct workspace {
        alignas(alignment) float cells[pass::cells];
    };

    /// Writes the output::size outputs of one sample of input::size values; the same bits as Sequential's predict of
    /// one row. Bytes are scaled to [0, 1], unless the first layer takes them as they are. Returns false, and writes
    /// nothing, where a network that begins with an Embedding is given what is no index.
    template <array_element E>
    static bool predict(const float* values, const E* x, float* y, workspace& memory) noexcept {
        if constexpr (index_count > 0) {
            const auto good = [](E value) { return is_index(static_cast<double>(value), index_count); };
            if (!std::all_of(x, x + input::size, good)) return false;
        }
        constexpr float scale = std::is_same_v<E, std::uint8_t> ? static_cast<float>(scale_of_bytes<network, V>) : 1.0f;
        for (std::size_t i = 0; i < input::size; ++i) memory.cells[i] = static_cast<float>(x[i]) * scale;
        std::copy_n(pass::run(memory.cells, values), output::size, y);
        return true;
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Predictor;
}  // namespace strata
