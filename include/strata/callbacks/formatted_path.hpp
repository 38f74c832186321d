#pragma once

#include "strata/core/errors.hpp"
#include "strata/training/logs.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// One field of a pattern, `{val_loss:.4f}` without the braces, for its value: an optional 0, a width and a precision
/// of at most two digits each, and f, e or g; d for the epoch and the batch.
STRATA_OUT_OF_LINE inline std::string formatted_field(std::string_view field, std::size_t epoch,
                                                      std::optional<std::size_t> batch, const Logs& logs) {
    const std::string_view name = field.substr(0, field.find(':'));
    std::string_view format = field.substr(std::min(name.size() + 1, field.size()));
    const auto take_number = [&] {
        int number = 0;
        for (int digits = 0; digits < 2 && !format.empty() && format[0] >= '0' && format[0] <= '9'; ++digits) {
            number = number * 10 + (format[0] - '0');
            format.remove_prefix(1);
        }
        return static_cast<std::size_t>(number);
    };
    const bool zeros = format.starts_with('0');
    const std::size_t width = take_number();
    std::size_t precision = 6;
    if (format.starts_with('.')) {
        format.remove_prefix(1);
        precision = take_number();
    }
    if (name == "batch" && !batch)
        raise<value_error>({"the path's field {", field, "} has no number at the end of an epoch; give save_freq"});
    const std::optional<std::size_t> count = name == "epoch"   ? std::optional(epoch)
                                             : name == "batch" ? batch
                                                               : std::nullopt;
    std::string text;
    if (count && (format.empty() || format == "d")) {
        text = std::to_string(*count + 1);
    } else {
        char buffer[512];
        const int digits = static_cast<int>(precision);
        int length = -1;
        if (format == "f") length = std::snprintf(buffer, sizeof buffer, "%.*f", digits, logs[name]);
        if (format == "e") length = std::snprintf(buffer, sizeof buffer, "%.*e", digits, logs[name]);
        if (format == "g" || format.empty()) length = std::snprintf(buffer, sizeof buffer, "%.*g", digits, logs[name]);
        if (length < 0 || length >= static_cast<int>(sizeof buffer)) {
            raise<value_error>({"the path's field {", field,
                                "} cannot be formatted; possible are {epoch:02d}, "
                                "{batch:03d} and {val_loss:.4f}, with f, e or g at the end"});
        }
        text.assign(buffer, static_cast<std::size_t>(length));
    }
    if (text.size() < width) text.insert(0, width - text.size(), zeros ? '0' : ' ');
    return text;
}

/// A path for an epoch, or a batch of it, counted from 0: each {epoch:02d} and {batch:03d} becomes its number, from 1,
/// and each {val_loss:.4f} what was measured, as in Python; {{ and }} stand for braces. Throws value_error for a field
/// that cannot be filled.
STRATA_OUT_OF_LINE inline std::string formatted_path(std::string_view pattern, std::size_t epoch, const Logs& logs,
                                                     std::optional<std::size_t> batch = {}) {
    std::string path;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const char character = pattern[i];
        if ((character == '{' || character == '}') && i + 1 < pattern.size() && pattern[i + 1] == character) {
            path += character;
            ++i;
        } else if (character == '{' || character == '}') {
            const std::size_t end = pattern.find('}', i);
            if (character == '}' || end == std::string_view::npos)
                raise<value_error>({"the path ", pattern, " has a brace without its other one"});
            path += formatted_field(pattern.substr(i + 1, end - i - 1), epoch, batch, logs);
            i = end;
        } else {
            path += character;
        }
    }
    return path;
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
