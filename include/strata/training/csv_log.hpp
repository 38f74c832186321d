#pragma once

#include "strata/config.hpp"
#include "strata/core/text.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Epochs as lines of a CSV table, byte for byte as Keras' CSVLogger writes them: `epoch` (from 0), then the metrics of
/// the first epoch by name; values in full precision, NA for what an epoch did not measure, lines ending in CR LF.
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// The columns after `epoch`, for the names that the first epoch has. As in Keras, there are columns for a validation
/// even if that epoch had none.
STRATA_OUT_OF_LINE inline std::vector<std::string> csv_columns(std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    const auto is_validation = [](const std::string& name) { return name.starts_with("val_"); };
    if (std::none_of(names.begin(), names.end(), is_validation)) {
        const auto training = names;
        for (const auto& name : training) names.push_back("val_" + name);
    }
    return names;
}

/// A name as a cell: in quotes where it has to be.
STRATA_OUT_OF_LINE inline std::string csv_quoted(std::string_view name, char separator = ',') {
    if (name.find_first_of(std::string("\"\r\n") + separator) == std::string_view::npos) return std::string(name);
    std::string text = "\"";
    for (const char character : name) text += character == '"' ? "\"\"" : std::string(1, character);
    return text + '"';
}

STRATA_OUT_OF_LINE inline std::string csv_header(const std::vector<std::string>& columns, char separator = ',') {
    std::string text = "epoch";
    for (const auto& name : columns) text += separator + csv_quoted(name, separator);
    return text + "\r\n";
}

/// `value(name)` is a pointer to a column's value, null where there is none.
template <class Value>
std::string csv_line(std::size_t epoch, const std::vector<std::string>& columns, Value&& value, char separator = ',') {
    std::string text = std::to_string(epoch);
    for (const auto& name : columns) {
        const double* const cell = value(name);
        text += separator + (cell == nullptr ? "NA" : exact_text(*cell));
    }
    return text + "\r\n";
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
