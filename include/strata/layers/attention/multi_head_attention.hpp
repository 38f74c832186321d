#pragma once

#include "strata/core/data_format.hpp"
#include "strata/core/number.hpp"
#include "strata/core/stage.hpp"
#include "strata/initializers/initializers.hpp"
#include "strata/kernels/attention/multi_head_attention.hpp"
#include "strata/kernels/attention/one_sample.hpp"
#include "strata/layers/options.hpp"

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>

namespace strata::authoring {
inline namespace STRATA_ISA {

namespace option {
struct value_units;
struct output_units;
struct attention_dropout;
}  // namespace option

/// How many units a head's values have, as many as its keys by default (Keras: `value_dim`).
template <std::size_t Count> struct ValueUnits {
    static_assert(Count > 0, "ValueUnits: at least 1");
    using option = option::value_units;
    static constexpr std::size_t value = Count;
};

/// How many units a row of the result has, as many as a row of the input by default (Keras: `output_shape`).
template <std::size_t Count> struct OutputUnits {
    static_assert(Count > 0, "OutputUnits: at least 1");
    using option = option::output_units;
    template <std::size_t> static constexpr std::size_t value = Count;
};

/// The default of OutputUnits.
struct OutputUnitsOfInput {
    using option = option::output_units;
    template <std::size_t Inputs> static constexpr std::size_t value = Inputs;
};

/// Sets each probability of an attention to zero with probability Rate while training, and multiplies the others by
/// 1 / (1 - Rate) (Keras: `dropout`).
template <number Rate> struct AttentionDropout {
    static_assert(Rate >= 0 && Rate < 1, "AttentionDropout: the rate must lie in [0, 1)");
    using option = option::attention_dropout;
    static constexpr number value = Rate;
};

/// The default of Causal for attention.
struct AttendToAll {
    using option = option::padding;
};

/// Multi-head attention of a sequence to itself, or as CrossAttention to another one (Keras: `MultiHeadAttention`;
/// Vaswani and others 2017). Each head projects the steps to queries, keys and values, and yields for each step
/// softmax(query keys / sqrt(KeyUnits)) values; what all heads yield is projected to the result.
///
/// Shapes: steps x inputs, unchanged, or with OutputUnits<N> steps x N. Parameters: `query/kernel` and `key/kernel`
/// (inputs, Heads, KeyUnits), `value/kernel` (inputs, Heads, value units), `attention_output/kernel` (Heads, value
/// units, outputs), each followed by its bias: `query/bias` (Heads, KeyUnits), and so on. Options, in any order:
/// ValueUnits<KeyUnits>, OutputUnits<N>, Causal (no step attends to later ones), AttentionDropout<0>, NoBias,
/// KernelInitializer<GlorotUniform>, BiasInitializer<Zeros>.
///
/// The gradient of `key/bias` is zero but for rounding: it adds the same to all that a softmax compares.
template <std::size_t Heads, std::size_t KeyUnits, class... Options> struct MultiHeadAttention {
    using options = typename option_list<Options...>::template with_defaults<
        ValueUnits<KeyUnits>, OutputUnitsOfInput, AttendToAll, AttentionDropout<0>, UseBias,
        KernelInitializer<GlorotUniform>, BiasInitializer<Zeros>>;
    static constexpr bool causal = options::template has<Causal>;
    static_assert(Heads > 0, "MultiHeadAttention: the number of heads must be at least 1");
    static_assert(KeyUnits > 0, "MultiHeadAttention: the number of units of a key must be at least 1");
    static_assert(options::known && (causal || options::template has<AttendToAll>),
                  "MultiHeadAttention: unknown option; it takes ValueUnits, OutputUnits, Causal, AttentionDropout, "
                  "NoBias, KernelInitializer and BiasInitializer");
    static_assert(options::unique, "MultiHeadAttention: an option is given twice");

    static constexpr std::string_view class_name = "MultiHeadAttention";

    template <class Query, class Source = Query, class... Others> struct stage {
        static_assert(Query::rank == 2 && Source::rank == 2,
                      "MultiHeadAttention: the input must be steps x inputs; put Reshape<steps, inputs> before it");
        static_assert(sizeof...(Others) == 0, "MultiHeadAttention: it attends from one branch to one other");

        static constexpr std::size_t query_inputs = Query::extents[Query::rank - 1];
        static constexpr std::size_t source_inputs = Source::extents[Source::rank - 1];
        static constexpr std::size_t value_units = options::template get<option::value_units>::value;
        static constexpr std::size_t outputs =
            options::template get<option::output_units>::template value<query_inputs>;
        static constexpr number rate = options::template get<option::attention_dropout>::value;
        static constexpr bool use_bias = options::template has<UseBias>, drops = rate > 0;

        using output = shape<Query::extents[0], outputs>;

        static constexpr auto parameters = [] {
            constexpr parameter_rules kernel = rules_of<options, option::kernel_initializer>;
            constexpr parameter_rules bias = rules_of<options, option::bias_initializer>;
            constexpr double keys = Heads * KeyUnits, values = Heads * value_units;
            const parameter q{"query/kernel", {query_inputs, Heads, KeyUnits}, kernel, {double(query_inputs), keys}};
            const parameter k{"key/kernel", {source_inputs, Heads, KeyUnits}, kernel, {double(source_inputs), keys}};
            const parameter v{
                "value/kernel", {source_inputs, Heads, value_units}, kernel, {double(source_inputs), values}};
            const parameter y{
                "attention_output/kernel", {Heads, value_units, outputs}, kernel, {values, double(outputs)}};
            if constexpr (use_bias) {
                const auto of_heads = [&](std::string_view name, const parameter& of, std::size_t units) {
                    return parameter{name, {Heads, units}, bias, {double(Heads), double(units), of.fan.unit}};
                };
                const parameter of_output{
                    "attention_output/bias", {outputs}, bias, {double(outputs), double(outputs), y.fan.unit}};
                return std::array{q, of_heads("query/bias", q, KeyUnits),    k, of_heads("key/bias", k, KeyUnits),
                                  v, of_heads("value/bias", v, value_units), y, of_output};
            } else {
                return std::array{q, k, v, y};
            }
        }();

        static constexpr kernels::attention::attention_form form{.queries = Query::extents[0],
                                                                 .sources = Source::extents[0],
                                                                 .heads = Heads,
                                                                 .key = KeyUnits,
                                                                 .value = value_units,
                                                                 .causal = causal,
                                                                 .rate = rate};
        static constexpr kernels::attention::projection_form projections{
            .query_inputs = query_inputs, .source_inputs = source_inputs, .outputs = outputs, .bias = use_bias};
        template <class V> using passes = kernels::attention::multi_head<form, projections, V>;
        template <class V>
        static constexpr stage_needs needs{.scratch = passes<V>::forward_scratch,
                                           .backward_scratch = passes<V>::backward_scratch,
                                           .kept = passes<V>::kept_cells,
                                           .random = drops,
                                           .backward_reads_y = false,
                                           .keeps_dy = !use_bias};
    };

    template <class... In> struct on : stage<In...> {
        static constexpr std::size_t count = sizeof...(In);

        template <class V> static void forward(forward_context<V, count> c) {
            on::template passes<V>::forward(on::drops && c.training ? &c.random : nullptr, first(c.x), last(c.x),
                                            c.parameters, c.y, c.kept, c.scratch);
        }

        template <class V> struct one_sample : kernels::attention::one_sample_multi_head<on::form, on::projections, V> {
            using base = kernels::attention::one_sample_multi_head<on::form, on::projections, V>;
            template <data_format> static void run(forward_context<scalar_t<V>, count> c) {
                base::run(first(c.x), last(c.x), c.parameters, c.y, c.scratch);
            }
        };

        template <bool InputGradient, class V> static void backward(backward_context<V, count> c) {
            on::template passes<V>::template backward<InputGradient>(c.training, first(c.x), last(c.x), c.parameters,
                                                                     c.dy, c.kept, c.gradients, first(c.dx), last(c.dx),
                                                                     c.scratch);
        }

    private:
        template <class Pointers> static auto first(const Pointers& cells) {
            if constexpr (count == 1)
                return cells;
            else
                return cells.front();
        }
        template <class Pointers> static auto last(const Pointers& cells) {
            if constexpr (count == 1)
                return cells;
            else
                return cells.back();
        }
    };
};

/// Attention from a branch to another one, of which each step of the first one attends to (Keras: a
/// `MultiHeadAttention` called with a query and a value): `CrossAttention<MultiHeadAttention<2, 8>, Branch<...>,
/// Branch<...>>`. Both branches read the same. Shapes: query steps x inputs and value steps x other inputs, to query
/// steps x inputs.
template <class Attention, class Query, class Value> struct CrossAttention {
    using is_composite = void;
    template <class Graph> using expand = typename Graph::template merged<Attention, Query, Value>;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::AttentionDropout;
using authoring::CrossAttention;
using authoring::MultiHeadAttention;
using authoring::OutputUnits;
using authoring::ValueUnits;
}  // namespace strata
