#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/parameter_entry.hpp"
#include "strata/core/save_options.hpp"
#include "strata/core/text.hpp"
#include "strata/model/input.hpp"
#include "strata/model/layer_names.hpp"
#include "strata/model/network.hpp"
#include "strata/model/prediction.hpp"
#include "strata/model/summary.hpp"
#include "strata/model/weight_view.hpp"
#include "strata/system/build_advice.hpp"
#include "strata/system/terminal.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

template <class First> inline constexpr bool is_input = false;
template <std::size_t... Extents> inline constexpr bool is_input<Input<Extents...>> = true;

/// Adds the layers that a step reads to the row of its own layer, which makes some of what it reads itself.
STRATA_OUT_OF_LINE inline void add_inputs(summary_row& to, std::size_t own, std::span<const std::size_t> activations,
                                          std::span<const std::size_t> row_of) {
    for (const std::size_t activation : activations) {
        const std::size_t row = row_of[activation];
        if (row != own && std::find(to.inputs.begin(), to.inputs.end(), row) == to.inputs.end())
            to.inputs.push_back(row);
    }
}

/// Fills an arena with the start values of all parameters, each from a random stream of its own.
template <class Network, class T> void draw_values(std::uint64_t seed, T* values) {
    std::uint64_t stream = 0;
    Network::for_each_value([&](std::size_t, const parameter& p, std::size_t offset, bool) {
        random_stream random(seed, stream++);
        std::vector<double> drawn(p.size());
        p.start({drawn, p.shape(), p.fan, random});
        std::transform(drawn.begin(), drawn.end(), values + offset, [](double value) { return static_cast<T>(value); });
    });
}

}  // namespace detail

/// Layers with their parameters (Keras: `Sequential`, and with Residual, Concatenate and the like also a functional
/// model). A value: it can be copied, moved and kept in containers; one that was moved from may only be assigned to.
/// Every shape is checked while compiling. Precision is the type of the parameters and of all that is computed, or
/// mixed_bfloat16: floats, some of whose products are rounded.
template <class Precision, class First = void, class... Layers> class basic_sequential {
    static_assert(std::same_as<Precision, float> || std::same_as<Precision, double> ||
                      std::same_as<Precision, mixed_bfloat16>,
                  "Sequential: the precision must be float, double or mixed_bfloat16");
    static_assert(detail::is_input<First>,
                  "Sequential: the first argument must be the shape of one sample, for example Input<28, 28, 1>");
    static_assert(sizeof...(Layers) > 0, "Sequential: give at least one layer after Input");
    static_assert((layer<Layers> && ...),
                  "Sequential: an argument after Input is not a layer; options such as Same belong inside of a layer");

    using V = pack<Precision>;
    using T = scalar_t<V>;

public:
    using precision = Precision;
    using value_type = T;
    using network = model_network<typename First::output, Layers...>;
    using input = typename network::input;
    using output = typename network::output;

    /// The same layers in another precision: `LeNet5::with<double>`, `LeNet5::with<mixed_bfloat16>`.
    template <class U> using with = basic_sequential<U, First, Layers...>;

    /// The number of values that are trained, and of all others: moving averages, frozen layers.
    static constexpr std::size_t parameter_count = network::parameter_count;
    static constexpr std::size_t state_count = network::state_count;

    /// How many indices there are where the network begins with an Embedding; 0: every number is an input.
    static constexpr std::size_t index_count = network::template index_count<V>;

    /// Of how many bits the numbers are that are multiplied.
    static constexpr std::size_t bits_of_products = std::same_as<Precision, mixed_bfloat16> ? 16 : 8 * sizeof(T);

    /// Bytes that each thread needs to train (where layers look at the whole batch: each pack of samples), and to
    /// predict.
    static constexpr std::size_t training_workspace = network::template training_cells<V> * sizeof(V);
    static constexpr std::size_t inference_workspace = prediction<network, V>::workspace;

    /// Draws the parameters by their initializers: the same seed gives the same parameters on every machine.
    explicit basic_sequential(std::uint64_t seed = 0) : values_(network::value_count + lanes<V>) {
        detail::draw_values<network>(seed, values_.data());
    }

    /// All values that are trained, one after the other; see value_table. Throws value_error for a model that was moved
    /// from, as do all functions that need its values.
    std::span<T> parameters() & { return values().first(parameter_count); }
    std::span<const T> parameters() const& { return values().first(parameter_count); }
    template <class Model = basic_sequential> std::span<const T> parameters() const&& { return refuse<Model>(); }

    /// All that a file has to hold: the parameters, then the state and the values of frozen layers.
    std::span<T> values() & {
        require_values();
        return {values_.data(), network::value_count};
    }
    std::span<const T> values() const& {
        require_values();
        return {values_.data(), network::value_count};
    }
    template <class Model = basic_sequential> std::span<const T> values() const&& { return refuse<Model>(); }

    /// Name, shape and place of each parameter, and each state, in the order of the layers.
    std::vector<parameter_entry> value_table() const {
        const auto names = layer_names(network::class_names);
        std::vector<parameter_entry> table;
        network::for_each_value([&](std::size_t layer, const parameter& p, std::size_t offset, bool trained) {
            table.push_back(
                {concat({names[layer], "/", p.name}), {p.shape().begin(), p.shape().end()}, offset, p.size(), trained});
        });
        return table;
    }

    /// The values of one parameter, or state, under the name that files have it by: `model.weights("conv2d/kernel")`.
    /// May be assigned to, which checks the shape: see weight_view. Throws value_error, with the names that there are,
    /// for a name that no weight has.
    weight_view<T> weights(std::string_view name) & { return weights_in(values(), name); }
    weight_view<const T> weights(std::string_view name) const& { return weights_in(values(), name); }
    template <class Model = basic_sequential> weight_view<const T> weights(std::string_view) const&& {
        return {refuse<Model>().data(), {}, {}};
    }

    /// The names of all parameters, and states, in the order of the layers.
    std::vector<std::string> weight_names() const { return names_of(value_table()); }

    /// The model's output for each row of x, an array of shape (N, input...); any N, 0 included. Bytes are scaled to
    /// [0, 1], unless the first layer takes them as they are (Embedding, Rescaling, Normalization). May be called by
    /// many threads at the same time. Up to three rows are computed one by one, in less time; their last bits may
    /// differ from those of the same rows among many. Throws shape_error.
    tensor<T, output::rank + 1> predict(const array_argument& x) const {
        require_input<network, V>(x, "predict");
        tensor<T, output::rank + 1> result(output_extents(x.samples()));
        predict_into(x, result.data());
        return result;
    }

    /// The same, written into an array of shape (N, output...) that the caller keeps, also an adaptor or a view of one.
    /// Once a thread has predicted, this allocates nothing, unless x is an expression, of other types than array_ref
    /// refers to, or not row-major. Throws shape_error, too, where the result has another shape.
    void predict(const array_argument& x, const result_ref<T>& result) const {
        require_input<network, V>(x, "predict");
        const auto extents = output_extents(x.samples());
        const auto found = result.shape();
        if (!std::equal(extents.begin(), extents.end(), found.begin(), found.end()))
            raise<shape_error>(
                {"predict: the result must have the shape ", shape_text(extents), ", it has ", shape_text(found)});
        predict_into(x, result.data());
    }

    /// For hosts with plain buffers: the outputs of so many samples, which lie one after the other, each of
    /// input::size values, the outputs of output::size. Once a thread has predicted, this allocates nothing. It throws
    /// nothing but value_error where a network that begins with an Embedding is given what is no index; a model that
    /// was moved from, or a lack of memory, ends the program.
    template <array_element E>
    void predict(const E* x, std::size_t samples, T* result) const noexcept(index_count == 0) {
        std::array<std::size_t, input::rank + 1> extents{samples};
        std::copy(input::extents.begin(), input::extents.end(), extents.begin() + 1);
        const array_ref all(x, extents);
        require_input<network, V>(all, "predict");
        predict_into(all, result);
    }

    /// The same for one sample.
    template <array_element E> void predict(const E* x, T* result) const noexcept(index_count == 0) {
        predict(x, 1, result);
    }

    /// Prints the layers, their output shapes and parameters in Keras' layout; `optimizer` counts the values that an
    /// optimizer keeps.
    void summary(std::FILE* to = stdout, std::optional<std::size_t> optimizer = {}) const {
        const bool terminal = is_terminal(to);
        const std::string text = summary_table("sequential", summary_rows(),
                                               {.trainable = parameter_count,
                                                .non_trainable = state_count,
                                                .optimizer = optimizer,
                                                .bytes_per_value = sizeof(T)},
                                               summary_width(terminal ? terminal_columns(to) : 0), terminal);
        std::fwrite(text.data(), 1, text.size(), to);
    }

    /// Name, type, output shape, number of parameters and inputs of each layer.
    std::vector<summary_row> summary_rows() const {
        using steps = typename network::written;
        const auto names = layer_names(network::class_names);
        std::vector<summary_row> rows(names.size());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            rows[i].name = names[i];
            rows[i].type = network::class_names[i];
        }
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            ((rows[steps::template layer_of<I>].output = {steps::template stage<I>::output::extents.begin(),
                                                          steps::template stage<I>::output::extents.end()}),
             ...);
            const std::array<std::size_t, steps::depth + 1> row_of{0, 1 + steps::template layer_of<I>...};
            (detail::add_inputs(rows[row_of[I + 1] - 1], row_of[I + 1], steps::template inputs_of<I>, row_of), ...);
        }(std::make_index_sequence<steps::depth>{});
        network::for_each_value(
            [&](std::size_t layer, const parameter& p, std::size_t, bool) { rows[layer].parameters += p.size(); });
        return rows;
    }

    /// Writes all values, parameters and state, to a safetensors file, with a self-test, and with the network and the
    /// library's version as texts. Include <strata/io/checkpoint.hpp>.
    template <class Path> void save(const Path& path, const save_options& options = {}) const {
        static_assert(
            requires { save_checkpoint(*this, path, options); }, "save: include <strata/io/checkpoint.hpp>");
        save_checkpoint(*this, path, options);
    }

    /// Reads them from a safetensors file; throws file_error, and stays as it was, when the file is damaged, belongs to
    /// another network, or holds a self-test that this network fails. Says, on stderr and by what it returns, where
    /// layers were taken in order, since the file numbers them differently (conv2d_3). Include
    /// <strata/io/checkpoint.hpp>.
    template <class Path> std::string load(const Path& path) {
        static_assert(
            requires { load_checkpoint(*this, path); }, "load: include <strata/io/checkpoint.hpp>");
        return load_checkpoint(*this, path);
    }

private:
    static std::array<std::size_t, output::rank + 1> output_extents(std::size_t samples) {
        std::array<std::size_t, output::rank + 1> extents{samples};
        std::copy(output::extents.begin(), output::extents.end(), extents.begin() + 1);
        return extents;
    }

    void predict_into(const array_ref& x, T* result) const {
        if (x.samples() >= detail::samples_worth_advice) detail::advise_on_build();
        prediction<network, V>::run(x, values().data(), result);
    }

    template <class Model> static std::span<const T> refuse() {
        static_assert(
            std::is_void_v<Model>,
            "parameters, values, weights: the model is a temporary and would be gone before they are used; give "
            "it a name first");
        return {};
    }

    template <class U> weight_view<U> weights_in(std::span<U> all, std::string_view name) const {
        std::vector<parameter_entry> table = value_table();
        parameter_entry& entry = table[place_of(name, table, "weights: the model")];
        return {all.data() + entry.offset, std::move(entry.shape), std::move(entry.name)};
    }

    /// Throws value_error for a model that was moved from.
    void require_values() const {
        if (values_.empty()) raise<value_error>({"Sequential: the model was moved from; it may only be assigned to"});
    }

    aligned_vector<T> values_;
};

/// A model in single precision: `Sequential<Input<28, 28, 1>, Conv2D<6, Kernel<5>, Tanh>, ...>`.
template <class... Layers> using Sequential = basic_sequential<float, Layers...>;

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Sequential;
}  // namespace strata
