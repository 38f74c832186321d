#pragma once

#include "strata/core/parameter_entry.hpp"
#include "strata/core/printable.hpp"
#include "strata/core/text.hpp"
#include "strata/io/safetensors.hpp"
#include "strata/io/self_test.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

/// Files whose layers were numbered anew. Keras counts the layers of a whole session: the second model's first
/// convolution is conv2d_3, say, where strata's is conv2d.
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// A tensor's name in parts: "sequential_1/conv2d_3/kernel:0" is the parameter "kernel" of the layer of class "conv2d"
/// and number 3.
struct name_parts {
    std::string_view layer;  ///< "conv2d_3"
    std::string_view class_name;
    std::uint64_t number = 0;
    std::string_view parameter;
    std::size_t place = 0;  ///< among the entries of the model, or the tensors of the file

    [[nodiscard]] bool of_same_layer(const name_parts& other) const {
        return class_name == other.class_name && number == other.number;
    }
};

/// Takes the number that a tool has put behind a name off it: 3 of "conv2d_3", 0 where there is none.
[[nodiscard]] STRATA_OUT_OF_LINE inline std::uint64_t take_number(std::string_view& name) {
    const std::size_t end = name.rfind('_');
    if (end == std::string_view::npos || end == 0) return 0;
    const std::string_view digits = name.substr(end + 1);
    std::uint64_t number = 0;
    const auto [read, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || read != digits.data() + digits.size() || digits[0] == '0') return 0;
    name = name.substr(0, end);
    return number;
}

/// The parts of a name. `known` are the parts of the model's names: the layer is the first folder of one of its
/// classes, or the first of all where none is.
[[nodiscard]] STRATA_OUT_OF_LINE inline name_parts parts_of(std::string_view name, std::size_t place,
                                                            const std::vector<name_parts>& known) {
    name_parts parts;
    parts.place = place;
    if (name.ends_with(":0")) name.remove_suffix(2);  // TensorFlow's
    const std::size_t last = name.rfind('/');
    parts.parameter = last == std::string_view::npos ? name : name.substr(last + 1);
    std::string_view folders = last == std::string_view::npos ? std::string_view{} : name.substr(0, last);
    parts.layer = folders.substr(0, folders.find('/'));
    while (!folders.empty()) {
        const std::string_view folder = folders.substr(0, folders.find('/'));
        std::string_view class_name = folder;
        static_cast<void>(take_number(class_name));
        const bool is_known = std::any_of(known.begin(), known.end(),
                                          [&](const name_parts& other) { return other.class_name == class_name; });
        if (is_known) {
            parts.layer = folder;
            break;
        }
        folders.remove_prefix(std::min(folders.size(), folder.size() + 1));
    }
    parts.class_name = parts.layer;
    parts.number = take_number(parts.class_name);
    return parts;
}

/// Sorts by class, by number, by parameter.
STRATA_OUT_OF_LINE inline void sort_by_layer(std::vector<name_parts>& names) {
    std::sort(names.begin(), names.end(), [](const name_parts& a, const name_parts& b) {
        if (a.class_name != b.class_name) return a.class_name < b.class_name;
        return a.number != b.number ? a.number < b.number : a.parameter < b.parameter;
    });
}

/// The names of the file's tensors but for those of its self-test.
[[nodiscard]] STRATA_OUT_OF_LINE inline std::vector<std::string> names_of_values(const safetensors_file& file) {
    std::vector<std::string> names = file.names();
    std::erase_if(names, [](const std::string& name) { return is_of_self_test(name); });
    return names;
}

/// Which tensor of the file each entry of the model takes, and what was said about it.
struct matched_names {
    std::vector<std::string> names;  ///< one for each entry
    std::string note;                ///< empty where all names are the same
};

/// Takes the layers of each class in the order of their numbers, for a file whose tool counted from another one.
/// Nothing unless every tensor finds its entry, with the same parameter names and shapes, and values with a fraction:
/// no tensor is left over or taken twice.
[[nodiscard]] STRATA_OUT_OF_LINE inline std::optional<matched_names> match_by_order(
    const std::vector<parameter_entry>& entries, const safetensors_file& file) {
    const std::vector<std::string> file_names = names_of_values(file);
    if (entries.empty() || file_names.size() != entries.size()) return std::nullopt;
    std::vector<name_parts> wanted;
    std::vector<name_parts> there;
    for (const parameter_entry& entry : entries) wanted.push_back(parts_of(entry.name, wanted.size(), {}));
    for (const std::string& name : file_names) there.push_back(parts_of(name, there.size(), wanted));
    sort_by_layer(wanted);
    sort_by_layer(there);

    matched_names matched;
    matched.names.resize(entries.size());
    std::size_t renamed = 0;
    constexpr std::size_t most_shown = 12;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const name_parts& entry = wanted[i];
        const name_parts& tensor = there[i];
        const bool first_of_layer = i == 0 || !entry.of_same_layer(wanted[i - 1]);
        const bool first_of_file_layer = i == 0 || !tensor.of_same_layer(there[i - 1]);
        if (entry.class_name != tensor.class_name || entry.parameter != tensor.parameter ||
            first_of_layer != first_of_file_layer) {
            return std::nullopt;
        }
        const tensor_view stored = file.at(file_names[tensor.place]);
        if (entries[entry.place].shape != stored.extents || !is_floating(stored.type)) return std::nullopt;
        if (!first_of_layer && tensor.parameter == there[i - 1].parameter) {
            return std::nullopt;  // query/kernel and key/kernel, say: nobody can say which is meant
        }
        matched.names[entry.place] = file_names[tensor.place];
        if (first_of_layer && ++renamed <= most_shown) {
            append_text(matched.note, concat({renamed == 1 ? "" : ", ", in_quotes(tensor.layer), " as ", entry.layer}));
        }
    }
    if (renamed > most_shown) append_text(matched.note, concat({" and ", renamed - most_shown, " more"}));
    matched.note =
        concat({"strata: ", file.file_name(), ": its layers have other names and were loaded in order: ", matched.note,
                " (STRATA_QUIET=1 hides this line)"});
    return matched;
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
