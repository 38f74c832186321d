#pragma once

#include "strata/core/config.hpp"

#include <string>
#include <string_view>

namespace strata::inline STRATA_ISA {

/// A metric's name and its value: {"val_loss", 0.0459}.
struct named_value {
    std::string name;
    double value = 0;
};

/// The order in which Keras 3 shows metrics: the training metrics by name, those of the validation by name, and last
/// the learning rate, which a schedule reports beside them.
inline bool shown_before(std::string_view a, std::string_view b) {
    const auto group = [](std::string_view name) {
        if (name == "learning_rate") return 2;
        return name.starts_with("val_") ? 1 : 0;
    };
    return group(a) != group(b) ? group(a) < group(b) : a < b;
}

}  // namespace strata::inline STRATA_ISA
