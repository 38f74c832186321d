#pragma once

#include "strata/core/errors.hpp"
#include "strata/training/logs.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// One field of a pattern, `{val_loss:.4f}` without the braces, for its value.
STRATA_OUT_OF_LINE inline std::string formatted_field(std::string_view field, std::size_t epoch, const Logs& logs) {
    const std::string_view name = field.substr(0, field.find(':'));
    std::string format(name.size() < field.size() ? field.substr(name.size() + 1) : "");
    const bool is_epoch = name == "epoch";
    const double value = is_epoch ? 0 : logs[name];
    const char kind = format.empty() ? (is_epoch ? 'd' : 'g') : format.back();
    if (!format.empty()) format.pop_back();
    // At most a width and a precision of two digits, so that the buffer suffices.
    const bool fits = format.size() <= 6 && format.find_first_not_of("0123456789.") == std::string::npos &&
                      std::count(format.begin(), format.end(), '.') <= 1;
    if (!fits || std::string_view(is_epoch ? "d" : "feg").find(kind) == std::string_view::npos) {
        raise<value_error>({"the path's field {", field,
                            "} cannot be formatted; possible are {epoch:02d} and "
                            "{val_loss:.4f}, with f, e or g at the end"});
    }
    char buffer[512];
    const int length = is_epoch ? std::snprintf(buffer, sizeof buffer, ("%" + format + "zu").c_str(), epoch + 1)
                                : std::snprintf(buffer, sizeof buffer, ("%" + format + kind).c_str(), value);
    return {buffer, std::min(static_cast<std::size_t>(length), sizeof buffer - 1)};
}

/// A path for an epoch, counted from 0: each {epoch:02d} becomes its number, from 1, and each {val_loss:.4f} what was
/// measured, as in Python; {{ and }} stand for braces. Throws value_error for a field that cannot be filled.
STRATA_OUT_OF_LINE inline std::string formatted_path(std::string_view pattern, std::size_t epoch, const Logs& logs) {
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
            path += formatted_field(pattern.substr(i + 1, end - i - 1), epoch, logs);
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
