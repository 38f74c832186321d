#pragma once

#include "strata/core/text.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// "AveragePooling2D" to "average_pooling2d": Keras' rule for the names of layers.
inline std::string snake_case(std::string_view class_name) {
    const auto upper = [](char c) { return 'A' <= c && c <= 'Z'; };
    const auto lower = [](char c) { return 'a' <= c && c <= 'z'; };
    std::string name;
    for (std::size_t i = 0; i < class_name.size(); ++i) {
        const char c = class_name[i];
        const bool word_starts =
            upper(c) && i > 0 && (lower(class_name[i - 1]) || (i + 1 < class_name.size() && lower(class_name[i + 1])));
        if (word_starts) append_text(name, "_");
        append_text(name, 1, upper(c) ? static_cast<char>(c - 'A' + 'a') : c);
    }
    return name;
}

/// The names of a model's layers: conv2d, average_pooling2d, conv2d_1, ...
inline std::vector<std::string> layer_names(std::span<const std::string_view> class_names) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < class_names.size(); ++i) {
        std::string name = snake_case(class_names[i]);
        if (const auto before = std::count(class_names.data(), class_names.data() + i, class_names[i]); before > 0) {
            append_text(name, "_");
            append_integer(name, static_cast<std::size_t>(before));
        }
        names.push_back(std::move(name));
    }
    return names;
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
