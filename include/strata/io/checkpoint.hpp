#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/parameter_entry.hpp"
#include "strata/core/printable.hpp"
#include "strata/core/text.hpp"
#include "strata/io/safetensors.hpp"
#include "strata/io/tensor_view.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <filesystem>
#include <map>
#include <ranges>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace strata {
inline namespace STRATA_ISA {

namespace detail {

template <class Entry>
concept parameter_like = requires(const Entry& entry) {
    std::string(entry.name);
    requires std::ranges::input_range<decltype(entry.shape)>;
    { entry.offset } -> std::convertible_to<std::size_t>;
    { entry.size } -> std::convertible_to<std::size_t>;
};

}  // namespace detail

/// A model that can be saved and loaded: `values()` is its arena of float or double as a span, and
/// `value_table()` a range of entries like `parameter_entry`, one for each tensor in the arena.
template <class Model>
concept has_value_table = requires(Model& model, const Model& constant) {
    requires std::floating_point<std::ranges::range_value_t<decltype(constant.values())>>;
    std::span<const std::ranges::range_value_t<decltype(constant.values())>>(constant.values());
    model.values();
    requires detail::parameter_like<std::ranges::range_value_t<decltype(constant.value_table())>>;
};

namespace detail {

/// The entries of a model's table, checked against the size of its arena. Throws shape_error: the model is at fault.
template <has_value_table Model> [[nodiscard]] std::vector<parameter_entry> parameter_entries(const Model& model) {
    std::vector<parameter_entry> entries;
    const std::size_t arena = model.values().size();
    for (const auto& entry : model.value_table()) {
        entries.push_back({std::string(entry.name),
                           {std::ranges::begin(entry.shape), std::ranges::end(entry.shape)},
                           entry.offset,
                           entry.size});
        std::size_t count = 1;
        for (const std::size_t extent : entries.back().shape) count *= extent;
        if (count != entry.size || entry.offset > arena || entry.size > arena - entry.offset) {
            raise<shape_error>({"checkpoint: parameter ", in_quotes(entry.name), " of shape ",
                                extents_text(entries.back().shape), " does not lie in the model's arena of ", arena,
                                " values"});
        }
    }
    return entries;
}

struct difference {
    std::string name;
    std::string expected;
    std::string found;
};

/// What a file has other than the model: missing, of another shape, not floating, or too much.
[[nodiscard]] inline std::vector<difference> differences(const std::vector<parameter_entry>& entries,
                                                         const safetensors_file& file) {
    std::vector<difference> result;
    std::set<std::string> known;
    for (const parameter_entry& entry : entries) {
        known.insert(entry.name);
        if (!file.contains(entry.name)) {
            result.push_back({entry.name, extents_text(entry.shape), "missing"});
            continue;
        }
        const tensor_view tensor = file.at(entry.name);
        if (tensor.extents != entry.shape) {
            result.push_back({entry.name, extents_text(entry.shape), extents_text(tensor.extents)});
        } else if (!is_floating(tensor.type)) {
            result.push_back({entry.name, "floating point", std::string(dtype_name(tensor.type))});
        }
    }
    for (const std::string& name : file.names()) {
        if (!known.contains(name)) result.push_back({name, "nothing", extents_text(file.at(name).extents)});
    }
    return result;
}

/// The differences as a table for people, at most 40 rows of it.
[[nodiscard]] inline std::string difference_table(const std::vector<difference>& rows) {
    constexpr std::size_t longest = 40;
    const std::size_t shown = std::min(rows.size(), longest);
    std::vector<difference> printed{{"parameter", "expected", "found"}};
    for (std::size_t i = 0; i < shown; ++i) {
        std::string name = in_quotes(rows[i].name);
        printed.push_back({name.substr(1, name.size() - 2), rows[i].expected, rows[i].found});
    }
    std::size_t name_width = 0;
    std::size_t expected_width = 0;
    for (const difference& row : printed) {
        name_width = std::max(name_width, row.name.size());
        expected_width = std::max(expected_width, row.expected.size());
    }
    std::string text;
    for (const difference& row : printed) {
        text += concat({"\n  ", row.name, std::string(name_width - row.name.size() + 3, ' '), row.expected,
                        std::string(expected_width - row.expected.size() + 3, ' '), row.found});
    }
    if (rows.size() > shown) text += concat({"\n  and ", rows.size() - shown, " more"});
    return text;
}

}  // namespace detail

/// Writes the model's values, parameters and state, as a safetensors file, under the names and in the order of its
/// value table.
///
/// An older file of this name stays whole if anything fails. Throws file_error if the file cannot be written.
template <has_value_table Model>
void save_checkpoint(const Model& model, const std::filesystem::path& path,
                     const std::map<std::string, std::string>& metadata = {}) {
    using value = std::ranges::range_value_t<decltype(model.values())>;
    const std::span<const value> arena(model.values());
    std::vector<tensor_view> tensors;
    for (parameter_entry& entry : detail::parameter_entries(model)) {
        tensors.push_back(
            view_of(std::move(entry.name), std::move(entry.shape), arena.subspan(entry.offset, entry.size)));
    }
    write_safetensors(path, tensors, metadata);
}

/// Reads the model's values from a safetensors file; F64, F32, F16 and BF16 load into float and double alike.
///
/// Throws file_error for a damaged file, and with a table of what differs for a file of another network: a name that is
/// missing or too much, another shape. The model stays as it was after any error.
template <has_value_table Model>
void load_checkpoint(Model& model, const std::filesystem::path& path, const read_options& options = {}) {
    using value = std::ranges::range_value_t<decltype(model.values())>;
    const std::vector<parameter_entry> entries = detail::parameter_entries(std::as_const(model));
    const safetensors_file file = safetensors_file::read(path, options);
    if (const auto rows = detail::differences(entries, file); !rows.empty()) {
        raise<file_error>(
            {file.file_name(), ": not the parameters of this network, ", rows.size(),
             rows.size() == 1 ? " difference" : " differences",
             " (load it into the network that wrote it; the model is as it was):", detail::difference_table(rows)});
    }
    const std::span<value> arena(model.values());
    std::vector<value> loaded(arena.begin(), arena.end());
    for (const parameter_entry& entry : entries) {
        convert(file.at(entry.name), std::span(loaded).subspan(entry.offset, entry.size), file.file_name());
    }
    std::copy(loaded.begin(), loaded.end(), arena.begin());
}

}  // namespace STRATA_ISA
}  // namespace strata
