#pragma once

#include "strata/core/errors.hpp"
#include "strata/training/callback.hpp"
#include "strata/training/logs.hpp"

#include <cmath>
#include <optional>
#include <span>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Which values of what a callback monitors are better: the smaller or the larger ones, or as the metric itself says.
enum class Mode { Auto, Min, Max };

namespace detail {

/// Whether larger values of `name` are better. Throws value_error where nobody says so.
STRATA_OUT_OF_LINE inline bool larger_is_better(std::string_view callback, std::string_view name, Mode mode,
                                                std::span<const metric_info> metrics) {
    if (mode != Mode::Auto) return mode == Mode::Max;
    const std::string_view metric = name.starts_with("val_") ? name.substr(4) : name;
    if (metric == "loss") return false;
    for (const metric_info& known : metrics)
        if (known.name == metric && known.direction != metric_direction::unknown)
            return known.direction == metric_direction::up;
    raise<value_error>({callback, ": it is not known whether ", name,
                        " is better when it is larger or when it is smaller; say .mode = Mode::Max or .mode = "
                        "Mode::Min"});
}

/// The monitored value of an epoch; null in epochs without a validation. Throws value_error for a name that never
/// comes.
STRATA_OUT_OF_LINE inline const double* monitored(std::string_view callback, std::string_view name, const Logs& logs,
                                                  bool validates) {
    if (const double* value = logs.find(name)) return value;
    if (name.starts_with("val_") && logs.find(name.substr(4)) != nullptr) {
        if (validates) return nullptr;
        raise<value_error>({callback, ": monitor is \"", name,
                            "\", but fit has no validation; give it "
                            "validation_data or validation_split, or monitor \"",
                            name.substr(4), "\""});
    }
    raise<value_error>({callback, ": monitor is \"", name, "\", but an epoch measures ", logs.names()});
}

/// Whether a value is better than another one by more than min_delta, as Keras compares them: what is NaN is neither
/// better nor worse, and anything is better than nothing.
inline bool is_improvement(double value, const std::optional<double>& reference, bool larger, double min_delta) {
    if (!reference) return true;
    return larger ? value - std::abs(min_delta) > *reference : value + std::abs(min_delta) < *reference;
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Mode;
}  // namespace strata
