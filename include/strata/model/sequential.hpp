#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/parameter_entry.hpp"
#include "strata/core/samples.hpp"
#include "strata/core/text.hpp"
#include "strata/model/layer_names.hpp"
#include "strata/model/network.hpp"
#include "strata/model/one_sample_pass.hpp"
#include "strata/model/summary.hpp"
#include "strata/system/build_advice.hpp"
#include "strata/system/parallel.hpp"
#include "strata/system/terminal.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <cstdio>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace strata {
inline namespace STRATA_ISA {

namespace detail {

template <class First> inline constexpr bool is_input = false;
template <std::size_t... Extents> inline constexpr bool is_input<Input<Extents...>> = true;

}  // namespace detail

/// A chain of layers with its parameters (Keras: `Sequential`). A value: it can be copied, moved and kept in
/// containers; one that was moved from may only be assigned to. Every shape is checked while compiling. Precision is
/// the type of the parameters and of all that is computed, or mixed_bfloat16: floats, some of whose products are
/// rounded.
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
    using network = strata::network<typename First::output, Layers...>;
    using input = typename network::input;
    using output = typename network::output;

private:
    /// How many packs of rows `predict` runs through the network together.
    static constexpr std::size_t packs_at_once = network::template samples_at_once<V>;

public:
    /// The same layers in another precision: `LeNet5::with<double>`, `LeNet5::with<mixed_bfloat16>`.
    template <class U> using with = basic_sequential<U, First, Layers...>;

    /// The number of values of all parameters.
    static constexpr std::size_t parameter_count = network::parameter_count;

    /// Bytes that each thread needs to train, and to predict.
    static constexpr std::size_t training_workspace = network::template training_cells<V> * sizeof(V);
    static constexpr std::size_t inference_workspace = network::template inference_cells<V, packs_at_once> * sizeof(V);

    /// Draws the parameters by their initializers: the same seed gives the same parameters on every machine.
    explicit basic_sequential(std::uint64_t seed = 0) : parameters_(parameter_count + lanes<V>) {
        std::uint64_t stream = 0;
        network::for_each_parameter([&](std::size_t, const parameter& p, std::size_t offset) {
            random_stream random(seed, stream++);
            for (std::size_t i = 0; i < p.size(); ++i)
                parameters_[offset + i] = static_cast<T>(p.initializer(random, p.fan));
        });
    }

    /// All parameters, one after the other; see parameter_table.
    std::span<T> parameters() { return {parameters_.data(), parameter_count}; }
    std::span<const T> parameters() const { return {parameters_.data(), parameter_count}; }

    /// Name, shape and place of each parameter.
    std::vector<parameter_entry> parameter_table() const {
        const auto names = layer_names(class_names);
        std::vector<parameter_entry> table;
        network::for_each_parameter([&](auto stage, const parameter& p, std::size_t offset) {
            table.push_back({concat({names[network::template layer_of<stage>], "/", p.name}),
                             {p.extents.begin(), p.extents.begin() + static_cast<std::ptrdiff_t>(p.rank)},
                             offset,
                             p.size()});
        });
        return table;
    }

    /// The model's output for each row of x, an array of shape (N, input...); any N, 0 included. Bytes are scaled to
    /// [0, 1]. May be called by many threads at the same time. Up to three rows are computed one by one, in less time;
    /// their last bits may differ from those of the same rows among many. Throws shape_error.
    tensor<T, output::rank + 1> predict(const array_ref& x) const {
        require_samples<input>(x, "predict");
        tensor<T, output::rank + 1> result(output_extents(x.samples()));
        predict_into(x, result.data());
        return result;
    }

    /// The same, written into an array of shape (N, output...) that the caller keeps: once a thread has predicted, this
    /// allocates nothing. Throws shape_error, too, where the result has another shape.
    void predict(const array_ref& x, tensor<T, output::rank + 1>& result) const {
        require_samples<input>(x, "predict");
        const auto extents = output_extents(x.samples());
        if (!std::equal(extents.begin(), extents.end(), result.shape().begin()))
            raise<shape_error>({"predict: the result must have the shape ", shape_text(extents), ", it has ",
                                shape_text(result.shape())});
        predict_into(x, result.data());
    }

    /// Prints the layers, their output shapes and parameters in Keras' layout; `optimizer` counts the values that an
    /// optimizer keeps.
    void summary(std::FILE* to = stdout, std::optional<std::size_t> optimizer = {}) const {
        const bool terminal = is_terminal(to);
        const std::string text =
            summary_table("sequential", summary_rows(),
                          {.trainable = parameter_count, .optimizer = optimizer, .bytes_per_value = sizeof(T)},
                          summary_width(terminal ? terminal_columns(to) : 0), terminal);
        std::fwrite(text.data(), 1, text.size(), to);
    }

    /// Name, type, output shape and number of parameters of each layer.
    std::vector<summary_row> summary_rows() const {
        const auto names = layer_names(class_names);
        std::vector<summary_row> rows(names.size());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            rows[i].name = names[i];
            rows[i].type = class_names[i];
        }
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            ((rows[network::template layer_of<I>].output = {network::template stage<I>::output::extents.begin(),
                                                            network::template stage<I>::output::extents.end()},
              rows[network::template layer_of<I>].parameters += total_size(network::template stage<I>::parameters)),
             ...);
        }(std::make_index_sequence<network::depth>{});
        return rows;
    }

    /// Writes the parameters to a safetensors file. Include <strata/io/checkpoint.hpp>.
    template <class Path> void save(const Path& path) const {
        static_assert(
            requires { save_checkpoint(*this, path); }, "save: include <strata/io/checkpoint.hpp>");
        save_checkpoint(*this, path);
    }

    /// Reads the parameters from a safetensors file; throws file_error, and stays as it was, when the file is damaged
    /// or belongs to another network. Include <strata/io/checkpoint.hpp>.
    template <class Path> void load(const Path& path) {
        static_assert(
            requires { load_checkpoint(*this, path); }, "load: include <strata/io/checkpoint.hpp>");
        load_checkpoint(*this, path);
    }

private:
    static constexpr std::array<std::string_view, sizeof...(Layers)> class_names{Layers::class_name...};

    /// Up to this many rows the lanes run over the cells of one row, above it over rows.
    static constexpr std::size_t one_sample_rows = 3;

    static std::array<std::size_t, output::rank + 1> output_extents(std::size_t samples) {
        std::array<std::size_t, output::rank + 1> extents{samples};
        std::copy(output::extents.begin(), output::extents.end(), extents.begin() + 1);
        return extents;
    }

    void predict_into(const array_ref& x, T* result) const {
        if (x.samples() >= detail::samples_worth_advice) detail::advise_on_build();
        if (x.samples() <= one_sample_rows)
            predict_rows(x, result);
        else
            predict_packs(x, result);
    }

    /// In full precision: so few rows gain nothing from less.
    void predict_rows(const array_ref& x, T* result) const {
        using pass = one_sample_pass<network, pack<T>>;
        static thread_local aligned_vector<T> cells(pass::cells);
        const T scale = static_cast<T>(input_scale(x));
        for (std::size_t row = 0; row < x.samples(); ++row, result += output::size) {
            load_samples<T>(x, input::size, {&row, 1}, scale, cells.data());
            std::copy_n(pass::run(cells.data(), parameters_.data()), output::size, result);
        }
    }

    void predict_packs(const array_ref& x, T* result) const {
        constexpr std::size_t packs_worth_a_thread = 4;
        const std::size_t packs = packs_for<V>(x.samples());
        const T scale = static_cast<T>(input_scale(x));
        parallel(std::min(threads(), packs / packs_worth_a_thread), [&](const team& all, std::size_t thread) {
            static thread_local aligned_vector<V> cells(inference_workspace / sizeof(V));
            const auto mine = all.share(thread, packs);
            std::size_t i = mine.begin;
            for (; i + packs_at_once <= mine.end; i += packs_at_once) {
                predict_together<packs_at_once>(x, scale, i, cells.data(), result);
            }
            if constexpr (packs_at_once > 1) {
                for (; i < mine.end; ++i) predict_together<1>(x, scale, i, cells.data(), result);
            }
        });
    }

    template <std::size_t Packs>
    void predict_together(const array_ref& x, T scale, std::size_t first_pack, V* cells, T* result) const {
        const std::size_t first = first_pack * lanes<V>, last = std::min(first + Packs * lanes<V>, x.samples());
        std::array<std::size_t, Packs * lanes<V>> rows;
        std::iota(rows.begin(), rows.end(), first);
        for (std::size_t p = 0; p < Packs; ++p) {
            const std::size_t begin = p * lanes<V>, count = std::min(lanes<V>, last - first - begin);
            load_samples(x, input::size, {rows.data() + begin, count}, scale, cells + p * input::size);
        }
        const T* values = as_lanes(network::template predict<Packs>(cells, parameters_.data()));
        for (std::size_t row = first; row < last; ++row) {
            const std::size_t p = (row - first) / lanes<V>, n = (row - first) % lanes<V>;
            for (std::size_t c = 0; c < output::size; ++c) {
                result[row * output::size + c] = values[(p * output::size + c) * lanes<V> + n];
            }
        }
    }

    aligned_vector<T> parameters_;
};

/// A model in single precision: `Sequential<Input<28, 28, 1>, Conv2D<6, Kernel<5>, Tanh>, ...>`.
template <class... Layers> using Sequential = basic_sequential<float, Layers...>;

}  // namespace STRATA_ISA
}  // namespace strata
