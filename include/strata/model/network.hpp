#pragma once

#include "strata/model/step_list.hpp"

#include <cstddef>
#include <type_traits>
#include <utility>

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

    /// All layers, as a layer_list, and their names; a composite counts as the layers that it is made of.
    using layers = typename whole::layers;
    static constexpr auto class_names = layers::class_names;

    /// Calls f(layer, parameter, offset in the arena, whether it is trained) for each parameter, and each state, of
    /// each layer.
    template <class F> static constexpr void for_each_value(F&& f) { written::for_each_value(f); }

    /// Calls f(layer, parameter, offset in the arena) for each parameter that is trained.
    template <class F> static constexpr void for_each_parameter(F&& f) {
        written::for_each_value([&](std::size_t layer, const parameter& p, std::size_t offset, bool trained) {
            if (trained) f(layer, p, offset);
        });
    }
};

namespace detail {

/// An option of a model's last layer. An activation that a loss may take the place of is a step of its own there.
template <class Option> struct option_at_end {
    using type = Option;
};
template <class Option>
    requires requires { typename Option::apart; }
struct option_at_end<Option> {
    using type = typename Option::apart;
};

/// A model's last layer. One with a hidden stage, or that may have one, can run its activation as such.
template <class Layer> struct layer_at_end {
    using type = Layer;
};
template <template <std::size_t, class...> class Layer, std::size_t Units, class... Options>
    requires requires { typename Layer<Units, Options...>::then; }
struct layer_at_end<Layer<Units, Options...>> {
    using type = Layer<Units, typename option_at_end<Options>::type...>;
};

template <class Indices, class In, class... Layers> struct model_network;
template <std::size_t... I, class In, class... Layers> struct model_network<std::index_sequence<I...>, In, Layers...> {
    template <class Layer, bool Last>
    using at_end = typename std::conditional_t<Last, layer_at_end<Layer>, std::type_identity<Layer>>::type;
    using type = network<In, at_end<Layers, I + 1 == sizeof...(Layers)>...>;
};

}  // namespace detail

/// The network of a model: the last activation is a step of its own, if it is one that a loss may take the place of.
template <class In, class... Layers>
using model_network = typename detail::model_network<std::index_sequence_for<Layers...>, In, Layers...>::type;

}  // namespace STRATA_ISA
}  // namespace strata::authoring
