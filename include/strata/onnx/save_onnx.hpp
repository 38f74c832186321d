#pragma once

#include "strata/model/layer_names.hpp"
#include "strata/model/sequential.hpp"
#include "strata/onnx/step.hpp"
#include "strata/system/atomic_file.hpp"

#include <array>
#include <concepts>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

/// Layers that ONNX has no form for.
template <class... Layers> struct layers_without_onnx_form {
    static constexpr bool none = sizeof...(Layers) == 0;
};

/// Says so; the compiler names them, since they are in the name of this type.
template <class Found> struct require_onnx_forms {
    static_assert(Found::none,
                  "save_onnx: layers of this network have no form in ONNX; they are the arguments of "
                  "layers_without_onnx_form<...>, which the compiler names here (leave them out, or specialize "
                  "onnx_form for them)");
};

template <class Found, class... Layers> struct find_layers_without_onnx_form {
    using type = Found;
};
template <class... Found, class First, class... Rest>
struct find_layers_without_onnx_form<layers_without_onnx_form<Found...>, First, Rest...>
    : find_layers_without_onnx_form<std::conditional_t<has_onnx_form<First>, layers_without_onnx_form<Found...>,
                                                       layers_without_onnx_form<Found..., First>>,
                                    Rest...> {};

/// Which of a layer's steps a stage is: its own, or the activation behind it.
template <class Layer, class Stage, class... In> struct onnx_layer_of_stage {
    using type = Layer;
};
template <has_hidden_stage Layer, class Stage, class In>
    requires std::same_as<Stage, typename Layer::then::template on<In>>
struct onnx_layer_of_stage<Layer, Stage, In> {
    using type = typename Layer::then;
};

/// The values of a list of parameters that lie one behind the other.
template <class T, class List>
void append_onnx_weights(std::vector<onnx_weight>& to, const T* values, const List& list) {
    for (const parameter& p : list) {
        to.push_back({std::string(p.name), {p.shape().begin(), p.shape().end()}, {values, values + p.size()}});
        values += p.size();
    }
}

/// Writes the steps of a network one after the other, if each of its layers has a form.
template <class Network, class Layers> struct onnx_network;
template <class Network, class... Layers> struct onnx_network<Network, layer_list<Layers...>> {
    using without_form = typename find_layers_without_onnx_form<layers_without_onnx_form<>, Layers...>::type;

    using steps = typename Network::written;
    static constexpr std::size_t depth = steps::depth;

    template <class T> static std::string file(const T* values) {
        onnx_graph graph;
        const std::vector<std::string> names = layer_names(Network::class_names);
        std::vector<onnx_activation> activations(depth + 1);
        const auto& input = steps::input::extents;
        activations[0] = {{input.begin(), input.end()}, std::string(onnx_graph::input)};
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (write<I>(graph, names, values, activations), ...);
        }(std::make_index_sequence<depth>{});

        onnx_step end(graph, "output", {&activations[depth]}, {});
        return graph.file(end.channels_last(), activations[0].extents, activations[depth].extents);
    }

private:
    template <std::size_t I, class T>
    static void write(onnx_graph& graph, const std::vector<std::string>& names, const T* values,
                      std::vector<onnx_activation>& activations) {
        using stage = typename steps::template stage<I>;
        constexpr auto inputs = steps::template inputs_of<I>;
        using layer = std::tuple_element_t<steps::template layer_of<I>, std::tuple<Layers...>>;
        using part = typename onnx_layer_of_stage<layer, stage, typename steps::template shape_at<inputs[0]>>::type;

        std::vector<onnx_activation*> read;
        for (const std::size_t each : inputs) read.push_back(&activations[each]);
        std::vector<onnx_weight> weights;
        append_onnx_weights(weights, values + steps::template parameter_offset<I>, stage::parameters);
        append_onnx_weights(weights, values + steps::template state_offset<I>, state_of<stage>);

        onnx_step step(graph, names[steps::template layer_of<I>], std::move(read), std::move(weights));
        const onnx_value result = onnx_form<part>::template write<stage>(step);
        const auto& extents = stage::output::extents;
        onnx_activation& made = activations[I + 1];
        made.extents = {extents.begin(), extents.end()};
        if (result.channels_first || extents.size() == 1) made.first = result.name;
        if (!result.channels_first || extents.size() == 1) made.last = result.name;
    }
};

}  // namespace detail

/// Writes the model as an ONNX file: its layers as operators, its weights as floats. The input of the graph, "input",
/// and its result, "output", are arrays of floats as those of `predict`: N x rows x columns x channels, with any N.
/// What only training does is left out. The file is for operator set 13, or the newer one that a layer needs, 17 at
/// most, and the same whenever the same model is written.
///
/// A layer without a form in ONNX does not compile: docs/to_onnx.md lists them. An older file of this name stays whole
/// if anything fails. Throws file_error if the file cannot be written, and value_error for a model that was moved from
/// or that takes 2 GiB.
template <class Precision, class... Layers>
void save_onnx(const basic_sequential<Precision, Layers...>& model, const std::filesystem::path& path) {
    using network = typename basic_sequential<Precision, Layers...>::network;
    using writer = detail::onnx_network<network, typename network::layers>;
    [[maybe_unused]] constexpr detail::require_onnx_forms<typename writer::without_form> checked{};
    if constexpr (writer::without_form::none) write_atomically(path, writer::file(model.values().data()));
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::save_onnx;
}  // namespace strata
