#pragma once

#include "strata/layers/masks.hpp"
#include "strata/layers/options.hpp"

#include <cstddef>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

namespace option {
struct mask_value;
}

/// What a step consists of that counts as missing (Keras: `mask_value`).
template <number Value> struct MaskValue {
    using option = option::mask_value;
    static constexpr number value = Value;
};

/// Leaves out the steps of a sequence all of whose cells are 0, or another MaskValue: makes a mask of them, and sets
/// them to zero (Keras: `Masking`). Sequences that are shorter than others are filled up with such steps.
///
/// Recurrent layers skip these steps, and GlobalAveragePooling1D does not count them. Layers that work step by step
/// hand the mask on, as in Keras: Dense, TimeDistributed, activations, normalizations but RMSNormalization, Dropout and
/// its like, merges. Any other one ends it, such as Conv1D or Reshape. BatchNormalization refuses a mask. A mask that
/// reaches the end of a network is not seen by losses and metrics, which count all steps; Keras' leave these out.
///
/// Shapes: steps x inputs, unchanged. Options: MaskValue<0>.
template <class... Options> struct Masking {
    using options = typename option_list<Options...>::template with_defaults<MaskValue<0>>;
    static_assert(options::known, "Masking: unknown option; it takes MaskValue");
    static_assert(options::unique, "Masking: an option is given twice");

    static constexpr std::string_view class_name = "Masking";

    using mask = mask_of_value<options::template get<option::mask_value>::value>;
    static constexpr bool reads_mask = true;

    template <class In, class Mask> struct on {
        static_assert(In::rank == 2, "Masking: the input must be steps x inputs; put Reshape<steps, inputs> before it");
        static constexpr std::size_t steps = In::extents[0], inputs = In::size / steps;

        using output = In;
        static constexpr auto parameters = no_parameters;
        static constexpr bool passes_mask = true;
        static constexpr stage_needs needs{.backward_reads_y = false, .keeps_dy = true};

        template <class V> static void forward(forward_context<V, 2> c) { clear_masked<V>(c.x[0], c.x[1], c.y); }

        template <bool InputGradient, class V> static void backward(backward_context<V, 2> c) {
            if constexpr (InputGradient) clear_masked<V>(c.dy, c.x[1], c.dx[0]);
        }

    private:
        template <class V> static void clear_masked(const V* from, const V* mask, V* to) {
            const V zero(scalar_t<V>(0));
            for (std::size_t t = 0; t < steps; ++t) {
                const auto present = is_present(mask[t]);
                for (std::size_t i = t * inputs; i < (t + 1) * inputs; ++i)
                    to[i] = math::select(present, from[i], zero);
            }
        }
    };
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Masking;
using authoring::MaskValue;
}  // namespace strata
