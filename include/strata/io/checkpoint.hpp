#pragma once

#include "strata/core/foreign_macros.hpp"

#include "strata/core/errors.hpp"
#include "strata/core/parameter_entry.hpp"
#include "strata/core/printable.hpp"
#include "strata/core/save_options.hpp"
#include "strata/core/text.hpp"
#include "strata/core/type_text.hpp"
#include "strata/io/checkpoint_names.hpp"
#include "strata/io/model_metadata.hpp"
#include "strata/io/safetensors.hpp"
#include "strata/io/safetensors_writer.hpp"
#include "strata/io/self_test.hpp"
#include "strata/io/tensor_view.hpp"
#include "strata/system/advice.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// A model that can be saved and loaded: `values()` is its arena of float or double as a span, and
/// `value_table()` has an entry for each tensor in the arena.
template <class Model>
concept has_value_table = requires(Model& model, const Model& constant) {
    requires std::floating_point<std::ranges::range_value_t<decltype(constant.values())>>;
    std::span<const std::ranges::range_value_t<decltype(constant.values())>>(constant.values());
    model.values();
    { constant.value_table() } -> std::convertible_to<std::vector<parameter_entry>>;
};

namespace detail {

/// The entries of a model's table, checked against the size of its arena. Throws shape_error: the model is at fault.
[[nodiscard]] STRATA_OUT_OF_LINE inline std::vector<parameter_entry> checked_entries(
    std::vector<parameter_entry> entries, std::size_t arena) {
    for (const parameter_entry& entry : entries) {
        std::size_t count = 1;
        for (const std::size_t extent : entry.shape) count *= extent;
        if (count != entry.size || entry.offset > arena || entry.size > arena - entry.offset) {
            raise<shape_error>({"checkpoint: parameter ", in_quotes(entry.name), " of shape ",
                                extents_text(entry.shape), " does not lie in the model's arena of ", arena, " values"});
        }
    }
    return entries;
}

/// What a file has other than the model: missing, of another shape, of a type that cannot be loaded, or too much. Three
/// texts for each difference: the name, what was expected, what was found.
[[nodiscard]] STRATA_OUT_OF_LINE inline std::vector<std::string> differences(
    const std::vector<parameter_entry>& entries, const safetensors_file& file) {
    std::vector<std::string> result;
    const auto add = [&](const std::string& name, std::string expected, std::string found) {
        const std::string quoted = in_quotes(name);
        result.push_back(quoted.substr(1, quoted.size() - 2));
        result.push_back(std::move(expected));
        result.push_back(std::move(found));
    };
    const std::vector<std::string> names = file.names();
    std::vector<bool> known(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) known[i] = is_of_self_test(names[i]);
    for (const parameter_entry& entry : entries) {
        const auto place = file.find(entry.name);
        if (!place) {
            add(entry.name, extents_text(entry.shape), "missing");
            continue;
        }
        known[*place] = true;
        const tensor_view tensor = file.at(entry.name);
        if (tensor.extents != entry.shape) {
            add(entry.name, extents_text(entry.shape), extents_text(tensor.extents));
        } else if (!is_floating(tensor.type)) {
            add(entry.name, "F64, F32, F16 or BF16",
                concat({dtype_name(tensor.type), is_convertible(tensor.type) ? "" : ", which is not supported"}));
        }
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (!known[i]) add(names[i], "nothing", extents_text(file.at(names[i]).extents));
    }
    return result;
}

/// Throws the error for these differences, with at most 40 of them as a table for people.
[[noreturn]] STRATA_OUT_OF_LINE inline void refuse_differences(const std::vector<std::string>& cells,
                                                               const std::string& file) {
    const std::size_t count = cells.size() / 3;
    const std::size_t shown = std::min<std::size_t>(count, 40);
    std::size_t name_width = std::string_view("parameter").size();
    std::size_t expected_width = std::string_view("expected").size();
    for (std::size_t i = 0; i < 3 * shown; i += 3) {
        name_width = std::max(name_width, cells[i].size());
        expected_width = std::max(expected_width, cells[i + 1].size());
    }
    std::string text;
    const auto add_row = [&](std::string_view name, std::string_view expected, std::string_view found) {
        append_text(text, "\n  ");
        append_text(text, name);
        append_text(text, name_width - name.size() + 3, ' ');
        append_text(text, expected);
        append_text(text, expected_width - expected.size() + 3, ' ');
        append_text(text, found);
    };
    add_row("parameter", "expected", "found");
    for (std::size_t i = 0; i < 3 * shown; i += 3) add_row(cells[i], cells[i + 1], cells[i + 2]);
    if (count > shown) append_text(text, concat({"\n  and ", count - shown, " more"}));
    raise<file_error>({file, ": not the parameters of this network, ", count,
                       count == 1 ? " difference" : " differences",
                       " (load it into the network that wrote it; the model is as it was):", text});
}

/// A model's arena that holds other values, and gets its own back at the end, unless they are kept.
template <class T> class values_on_trial {
public:
    values_on_trial(std::span<T> arena, std::vector<T>& others) : arena_{arena}, others_{others} { swap(); }
    ~values_on_trial() {
        if (!kept_) swap();
    }
    values_on_trial(const values_on_trial&) = delete;
    values_on_trial& operator=(const values_on_trial&) = delete;

    void keep() { kept_ = true; }

private:
    void swap() { std::swap_ranges(arena_.begin(), arena_.end(), others_.begin()); }

    std::span<T> arena_;
    std::vector<T>& others_;
    bool kept_ = false;
};

/// The tensor of the file for each entry: the one of its name, or by order where a tool has numbered the layers. Throws
/// file_error, with a table of what differs.
[[nodiscard]] STRATA_OUT_OF_LINE inline matched_names match_names(const std::vector<parameter_entry>& entries,
                                                                  const safetensors_file& file) {
    const std::vector<std::string> different = differences(entries, file);
    if (!different.empty()) {
        auto matched = match_by_order(entries, file);
        if (!matched) refuse_differences(different, file.file_name());
        return *std::move(matched);
    }
    matched_names same;
    for (const parameter_entry& entry : entries) same.names.push_back(entry.name);
    return same;
}

}  // namespace detail

/// Writes the model's values, parameters and state, as a safetensors file, under the names and in the order of its
/// value table; then, for a model that can be tested, its self-test.
///
/// An older file of this name stays whole if anything fails. Throws file_error if the file cannot be written.
template <has_value_table Model>
void save_checkpoint(const Model& model, const std::filesystem::path& path, const save_options& options = {}) {
    using value = std::ranges::range_value_t<decltype(model.values())>;
    const std::span<const value> arena(model.values());
    std::vector<tensor_view> tensors;
    for (parameter_entry& entry : detail::checked_entries(model.value_table(), arena.size())) {
        tensors.push_back(
            view_of(std::move(entry.name), std::move(entry.shape), arena.subspan(entry.offset, entry.size)));
    }
    std::vector<float> sample;
    std::vector<value> outputs;
    if constexpr (testable<Model>) {
        if (options.self_test) {
            sample = detail::self_test_sample(Model::input::size, Model::index_count);
            outputs = detail::outputs_of(model, sample);
            tensors.push_back(view_of<float>(std::string(detail::self_test_inputs), {sample.size()}, sample));
            tensors.push_back(view_of<value>(std::string(detail::self_test_outputs), {outputs.size()}, outputs));
        }
    }
    write_safetensors(path, tensors, detail::model_metadata(model_text<Model>(), options));
}

/// Reads the model's values from a safetensors file; F64, F32, F16 and BF16 load into float and double alike.
///
/// Layers of a file that Keras has written may have other numbers than the model's, since Keras counts those of a whole
/// session: conv2d_3 for conv2d. Those of one class are then taken in the order of their numbers, provided that all
/// tensors of the file fit in this way. A line on stderr says so, unless the environment variable STRATA_QUIET is set;
/// it is also what is returned, an empty text where all names are the same.
///
/// Throws file_error for a damaged file, and with a table of what differs for a file of another network: a name that is
/// missing or too much, another shape; where the file has a self-test, if the model fails it. The model stays as it was
/// after any error.
template <has_value_table Model>
std::string load_checkpoint(Model& model, const std::filesystem::path& path, const read_options& options = {}) {
    using value = std::ranges::range_value_t<decltype(model.values())>;
    const std::span<value> arena(model.values());
    const auto entries = detail::checked_entries(std::as_const(model).value_table(), arena.size());
    const safetensors_file file = safetensors_file::read(path, options);
    detail::require_known_version(file);
    detail::matched_names matched = detail::match_names(entries, file);
    std::vector<value> loaded(arena.begin(), arena.end());
    for (std::size_t i = 0; i < entries.size(); ++i) {
        convert(file.at(matched.names[i]), std::span(loaded).subspan(entries[i].offset, entries[i].size),
                file.file_name());
    }
    detail::values_on_trial<value> trial(arena, loaded);
    if constexpr (testable<Model>) detail::verify_self_test(std::as_const(model), file);
    trial.keep();
    detail::advise(matched.note);
    return std::move(matched.note);
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring

#include "strata/core/foreign_macros.hpp"
