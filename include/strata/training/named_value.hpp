#pragma once

#include "strata/core/text.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// A metric's name and its value: {"val_loss", 0.0459}.
struct named_value {
    std::string name;
    double value = 0;
};

/// Appends what a validation measured under the names that Keras gives it: val_loss, val_accuracy.
STRATA_OUT_OF_LINE inline void append_validation(std::vector<named_value>& values,
                                                 const std::vector<named_value>& measured) {
    for (const named_value& mean : measured) values.push_back({concat({"val_", mean.name}), mean.value});
}

/// The order in which Keras 3 shows metrics: the training metrics by name, those of the validation by name, and last
/// the learning rate, which a schedule reports beside them.
STRATA_OUT_OF_LINE inline bool shown_before(std::string_view a, std::string_view b) {
    const auto group = [](std::string_view name) {
        if (name == "learning_rate") return 2;
        return name.starts_with("val_") ? 1 : 0;
    };
    return group(a) != group(b) ? group(a) < group(b) : a < b;
}

namespace detail {

/// What Keras calls one more metric beside those that there are: by its name, by weighted_… if that is taken by the
/// same one without weights, with a number if that is taken, too.
STRATA_OUT_OF_LINE inline std::string metric_name(const std::vector<named_value>& others, std::string_view name,
                                                  bool is_weighted) {
    const auto is_taken = [&](std::string_view wanted) {
        return std::any_of(others.begin(), others.end(),
                           [&](const named_value& other) { return other.name == wanted; });
    };
    std::string base(name);
    if (is_weighted && is_taken(base)) base = concat({"weighted_", name});
    std::string unique = base;
    for (std::size_t number = 1; is_taken(unique); ++number) unique = concat({base, "_", number});
    return unique;
}

}  // namespace detail

/// The entry of that name; a new one in its place where there is none. Entries are named_values or the like, in the
/// order in which they are shown.
template <class Entries> auto& entry_of(Entries& entries, const std::string& name) {
    auto place = entries.begin();
    for (auto entry = place; entry != entries.end(); ++entry) {
        if (entry->name == name) return *entry;
        if (shown_before(entry->name, name)) place = std::next(entry);
    }
    return *entries.insert(place, {.name = name});
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
