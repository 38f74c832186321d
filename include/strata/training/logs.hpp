#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/text.hpp"
#include "strata/training/named_value.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// What has been measured when a callback is called: `logs["val_loss"]`.
class Logs {
public:
    Logs() = default;
    explicit Logs(std::vector<named_value> values) : values_{std::move(values)} {}

    /// The values with their names, in the order in which they were measured.
    const std::vector<named_value>& values() const { return values_; }

    /// The value of that name, or null.
    const double* find(std::string_view name) const {
        for (const named_value& value : values_)
            if (value.name == name) return &value.value;
        return nullptr;
    }

    /// The value of that name. Throws value_error, with the names that there are, if nothing has it.
    double operator[](std::string_view name) const {
        if (const double* value = find(name)) return *value;
        raise<value_error>({"nothing was measured under the name \"", name, "\"; there is ", names()});
    }

    /// Adds a value, or replaces the one of that name; callbacks that come later, the progress line and History have
    /// it.
    void set(std::string_view name, double value) {
        for (named_value& known : values_) {
            if (known.name != name) continue;
            known.value = value;
            return;
        }
        values_.push_back({std::string(name), value});
    }

    /// All names, for messages.
    std::string names() const {
        std::string all;
        for (const named_value& value : values_) all += concat({all.empty() ? "" : ", ", value.name});
        return all.empty() ? "nothing" : all;
    }

private:
    std::vector<named_value> values_;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Logs;
}  // namespace strata
