#pragma once

#include "strata/model/step_list.hpp"

#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// A list of layers with all that is known of it while compiling: the layers as they were written, and the steps that
/// are run, some of which stand for two. Has no state; network_pass runs it.
template <class In, class... Layers>
class network
    : public step_list<In, fused_steps_of<typename graph<In, 0, false, layer_list<>>::template then<Layers...>>> {
    using whole = typename graph<In, 0, false, layer_list<>>::template then<Layers...>;

public:
    /// The steps before any were fused.
    using written = step_list<In, typename whole::steps>;

    static_assert(whole::at == written::depth && network::value_count == written::value_count,
                  "Sequential: a layer's fused form must have its parameters and its result");

    /// The names of all layers; a composite counts as the layers that it is made of.
    static constexpr auto class_names = whole::layers::class_names;

    /// Calls f(layer, parameter, offset in the arena, whether it is trained) for each parameter, and each state, of
    /// each layer.
    template <class F> static void for_each_value(F&& f) { written::for_each_value(f); }

    /// Calls f(layer, parameter, offset in the arena) for each parameter that is trained.
    template <class F> static void for_each_parameter(F&& f) {
        written::for_each_value([&](std::size_t layer, const parameter& p, std::size_t offset, bool trained) {
            if (trained) f(layer, p, offset);
        });
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
