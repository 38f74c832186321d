#pragma once

#include "strata/core/last_activation.hpp"
#include "strata/core/stage.hpp"

#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

/// From layers to a flat list of steps. Activation 0 is the input of the network, and each step makes the next one.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// A stage, the layer that it belongs to, whether that is frozen, the activation that it makes, and those it reads.
template <class Stage, std::size_t Layer, bool Frozen, std::size_t Output, std::size_t... Inputs> struct step {
    using stage = Stage;
    static constexpr std::size_t layer = Layer;
    static constexpr bool frozen = Frozen;
    static constexpr std::size_t output = Output;
    static constexpr std::array<std::size_t, sizeof...(Inputs)> inputs{Inputs...};
};

/// What the next layer reads: an activation, and the mask of its steps, if it has one.
struct graph_position {
    /// No mask. (Activation 0 is the network's input, and never a mask.)
    static constexpr std::size_t no_mask = 0;

    std::size_t activation;
    std::size_t mask;

    constexpr graph_position(std::size_t of_activation, std::size_t of_mask = no_mask)
        : activation{of_activation}, mask{of_mask} {}
};

/// The layers that summaries and files name: composites are taken apart.
template <class... Layers> struct layer_list {
    static constexpr std::array<std::string_view, sizeof...(Layers)> class_names{Layers::class_name...};
};

namespace detail {

/// Whether all parameters of a stage fit what is said of them.
template <class Stage> constexpr bool parameters_fit_rules() {
    if constexpr (stage<Stage>) {
        for (const parameter& p : Stage::parameters) {
            if (!p.fits_rules()) return false;
        }
    }
    return true;
}

template <graph_position... Positions> struct position_list;
template <class Graph, class... Layers> struct append_all;
template <class Graph, graph_position From, class Merge, class Ends, class... Branches> struct append_branches;

template <class In, std::size_t Activation, class Steps> struct activation_shape {
    using type = typename std::tuple_element_t<Activation - 1, Steps>::stage::output;
};
template <class In, class Steps> struct activation_shape<In, 0, Steps> {
    using type = In;
};

template <class Layer, class... In> struct stage_on {
    using type = typename Layer::template on<In...>;
    static_assert(stage<type>,
                  "Sequential: the template `on` of a layer needs `output`, a shape, and `parameters`, an array of "
                  "parameter; see core/stage.hpp");
    static_assert(!has_misspelt_member<type>,
                  "Sequential: the stage of a layer has `need` or `states`; they are called `needs` and `state`");
    static_assert(!stage<type> || has_forward<type, sizeof...(In)>,
                  "Sequential: the stage of a layer needs `template <class V> static void forward(forward_context<V> "
                  "c)`; see core/stage.hpp");
    static_assert(!stage<type> || has_backward<type, sizeof...(In)>,
                  "Sequential: the stage of a layer needs `template <bool InputGradient, class V> static void "
                  "backward(backward_context<V> c)`; see core/stage.hpp");
    static_assert(
        parameters_fit_rules<type>(),
        "Sequential: an OrthogonalRegularizer is for parameters of two axes, and the Axis of a constraint must "
        "be one of its parameter");
};

}  // namespace detail

/// The layers and steps so far. The next layer reads what is At, and is frozen or not.
template <class In, graph_position At, bool Frozen, class Layers, class... Steps> struct graph;

template <class In, graph_position At, bool Frozen, class... Layers, class... Steps>
struct graph<In, At, Frozen, layer_list<Layers...>, Steps...> {
    using steps = std::tuple<Steps...>;
    using layers = layer_list<Layers...>;
    static constexpr graph_position position = At;
    static constexpr std::size_t at = At.activation;
    static constexpr bool frozen = Frozen;

    /// The shape of an activation.
    template <std::size_t Activation> using shape_at = typename detail::activation_shape<In, Activation, steps>::type;

    // What composites are made with.

    /// With more layers, one after the other.
    template <class... More> using then = typename detail::append_all<graph, More...>::type;

    /// With branches, all of which read what the next layer would have read, and a layer that reads their ends.
    template <class Merge, class... Branches>
    using merged = typename detail::append_branches<graph, At, Merge, detail::position_list<>, Branches...>::type;

    /// The same with the next layer frozen or not.
    template <bool Value> using with_frozen = graph<In, At, Value, layers, Steps...>;

    // The parts of these.

    /// The same with the next layer at another position.
    template <graph_position Position> using from = graph<In, Position, Frozen, layers, Steps...>;

    /// The same with another mask.
    template <std::size_t Mask> using with_mask = from<graph_position(At.activation, Mask)>;

    /// With the name of one more layer.
    template <class Layer> using with_name = graph<In, At, Frozen, layer_list<Layers..., Layer>, Steps...>;

    /// With one more step, of the last layer. If its stage does not hand the mask on, it ends here.
    template <class Stage, std::size_t... Inputs>
    using with_step =
        graph<In, graph_position(sizeof...(Steps) + 1, passes_mask<Stage> ? At.mask : graph_position::no_mask), Frozen,
              layers, Steps..., step<Stage, sizeof...(Layers) - 1, Frozen, sizeof...(Steps) + 1, Inputs...>>;

    /// With the step of a layer that reads these activations.
    template <class Layer, std::size_t... Inputs>
    using with_step_of = with_step<typename detail::stage_on<Layer, shape_at<Inputs>...>::type, Inputs...>;
};

namespace detail {

/// With the name of a layer, and the step that makes its mask.
template <class Graph, class Layer> struct named {
    using type = typename Graph::template with_name<Layer>;
};
template <class Graph, makes_mask Layer> struct named<Graph, Layer> {
    using masked = typename Graph::template with_name<Layer>::template with_step_of<typename Layer::mask, Graph::at>;
    using type = typename masked::template from<graph_position(Graph::at, masked::at)>;
};

/// With the step of a layer, which reads the mask, too, where there is one and it asks for it.
template <class Graph, class Layer, bool HasMask> struct append_step {
    using type = typename Graph::template with_step_of<Layer, Graph::at>;
};
template <class Graph, class Layer> struct append_step<Graph, Layer, true> : append_step<Graph, Layer, false> {};
template <class Graph, reads_mask Layer> struct append_step<Graph, Layer, true> {
    using type = typename Graph::template with_step_of<Layer, Graph::at, Graph::position.mask>;
};

template <class Graph, class Layer> struct append_layer {
    using begun = typename named<Graph, Layer>::type;
    using type = typename append_step<begun, Layer, begun::position.mask != graph_position::no_mask>::type;
};

template <class Graph, class Layer> struct append : append_layer<Graph, Layer> {};
template <class Graph, class Layer>
    requires composite<Layer>
struct append<Graph, Layer> {
    using type = typename Layer::template expand<Graph>;
};
template <class Graph, class Layer>
    requires(!composite<Layer> && has_hidden_stage<Layer>)
struct append<Graph, Layer> {
    using visible = typename append_layer<Graph, Layer>::type;
    using type = typename visible::template with_step_of<typename Layer::then, visible::at>;
};

template <class Graph, class... Layers> struct append_all {
    using type = Graph;
};
template <class Graph, class First, class... Rest>
struct append_all<Graph, First, Rest...> : append_all<typename append<Graph, First>::type, Rest...> {};

/// The mask that branches have in common, or none.
template <std::size_t First, std::size_t... Masks>
inline constexpr std::size_t common_mask = ((Masks == First) && ...) ? First : graph_position::no_mask;

/// Whether each branch has a mask, but not the same one.
template <std::size_t... Masks>
inline constexpr bool masks_differ =
    ((Masks != graph_position::no_mask) && ...) && common_mask<Masks...> == graph_position::no_mask;

/// With the mask of what a merge makes of branches.
template <class Graph, class Merge, bool Joins, std::size_t... Masks> struct merge_masks {
    using type = typename Graph::template with_mask<common_mask<Masks...>>;
};
template <class Graph, class Merge, std::size_t... Masks> struct merge_masks<Graph, Merge, true, Masks...> {
    using joined = typename Graph::template with_step_of<typename Merge::joined_mask, Masks...>;
    using type = typename joined::template with_mask<joined::at>;
};

template <class Graph, graph_position From, class Merge, graph_position... Ends>
struct append_branches<Graph, From, Merge, position_list<Ends...>> {
    using begun = typename Graph::template with_name<Merge>;
    using masked =
        typename merge_masks<begun, Merge, joins_masks<Merge> && masks_differ<Ends.mask...>, Ends.mask...>::type;
    using type = typename masked::template with_step_of<Merge, Ends.activation...>;
};
template <class Graph, graph_position From, class Merge, graph_position... Ends, class First, class... Rest>
struct append_branches<Graph, From, Merge, position_list<Ends...>, First, Rest...> {
    using after = typename append<typename Graph::template from<From>, First>::type;
    using type = typename append_branches<after, From, Merge, position_list<Ends..., after::position>, Rest...>::type;
};

/// How many of the steps read an activation.
template <class... Steps> constexpr std::size_t readers_of(std::size_t activation, std::tuple<Steps...>*) {
    std::size_t readers = 0;
    const auto count = [&](const auto& inputs) {
        for (const std::size_t input : inputs) readers += std::size_t{input == activation};
    };
    (count(Steps::inputs), ...);
    return readers;
}

/// Whether a step is the last one, and an activation that a loss may take the place of: it stays a step of its own.
template <class Step, class All>
inline constexpr bool is_last_activation =
    Step::output == std::tuple_size_v<All> && as_last<typename Step::stage> != last_activation::other;

/// The steps so far, of which the last one may be fused with the next one. `All` are those before anything was fused.
template <class All, class... Done> struct fused_steps {
    using type = std::tuple<Done...>;
};

template <class Step, class Stage> struct with_stage;
template <class Stage, std::size_t L, bool F, std::size_t O, std::size_t... I, class NewStage>
struct with_stage<step<Stage, L, F, O, I...>, NewStage> {
    template <std::size_t Output> using type = step<NewStage, L, F, Output, I...>;
};

template <class All, class... Done, class Next> constexpr auto operator+(fused_steps<All, Done...>, Next) {
    if constexpr (sizeof...(Done) > 0) {
        using steps = std::tuple<Done...>;
        using last = std::tuple_element_t<sizeof...(Done) - 1, steps>;
        if constexpr (Next::inputs.size() == 1 && Next::inputs[0] == last::output && Next::frozen == last::frozen &&
                      readers_of(last::output, static_cast<All*>(nullptr)) == 1 && !is_last_activation<Next, All>) {
            using rule = typename fusion_rule<typename last::stage, typename Next::stage>::type;
            if constexpr (!std::is_void_v<rule>) {
                using both = typename with_stage<last, rule>::template type<Next::output>;
                return []<std::size_t... I>(std::index_sequence<I...>) {
                    return fused_steps<All, std::tuple_element_t<I, steps>..., both>{};
                }(std::make_index_sequence<sizeof...(Done) - 1>{});
            } else {
                return fused_steps<All, Done..., Next>{};
            }
        } else {
            return fused_steps<All, Done..., Next>{};
        }
    } else {
        return fused_steps<All, Done..., Next>{};
    }
}

template <class Steps> struct fuse;
template <class... Steps> struct fuse<std::tuple<Steps...>> {
    using type = typename decltype((fused_steps<std::tuple<Steps...>>{} + ... + Steps{}))::type;
};

}  // namespace detail

/// The steps of a graph, of which some pairs have been replaced by one: see fusion_rule.
template <class Graph> using fused_steps_of = typename detail::fuse<typename Graph::steps>::type;

}  // namespace STRATA_ISA
}  // namespace strata::authoring
