#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/finite.hpp"
#include "strata/core/text.hpp"

#include <cstdint>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Refuses wrong settings of an optimizer or a loss by their names: each function throws value_error unless the value
/// is in a range.
///
///     setting_checks("Adam").not_negative("learning_rate", learning_rate).below_one("beta_1", beta_1);
class setting_checks {
public:
    explicit setting_checks(std::string_view owner) : owner_{owner} {}

    /// A finite number, 0 or more.
    const setting_checks& not_negative(std::string_view name, double value) const {
        return require(is_finite(value) && value >= 0, name, value, "be a finite number, 0 or more");
    }

    /// A finite number, 0 or less.
    const setting_checks& not_positive(std::string_view name, double value) const {
        return require(is_finite(value) && value <= 0, name, value, "be a finite number, 0 or less");
    }

    /// A finite number above 0.
    const setting_checks& positive(std::string_view name, double value) const {
        return require(is_finite(value) && value > 0, name, value, "be a finite number above 0");
    }

    /// A finite number, 1 or more.
    const setting_checks& at_least_one(std::string_view name, double value) const {
        return require(is_finite(value) && value >= 1, name, value, "be a finite number, 1 or more");
    }
    const setting_checks& at_least_one(std::string_view name, std::uint64_t value) const {
        if (value == 0) raise<value_error>({owner_, ": ", name, " is 0, but must be 1 or more"});
        return *this;
    }

    /// In [0, 1].
    const setting_checks& at_most_one(std::string_view name, double value) const {
        return require(value >= 0 && value <= 1, name, value, "lie in [0, 1]");
    }

    /// In [0, 1).
    const setting_checks& below_one(std::string_view name, double value) const {
        return require(value >= 0 && value < 1, name, value, "lie in [0, 1)");
    }

private:
    STRATA_OUT_OF_LINE const setting_checks& require(bool right, std::string_view name, double value,
                                                     std::string_view range) const {
        if (!right) raise<value_error>({owner_, ": ", name, " is ", exact_text(value), ", but must ", range});
        return *this;
    }

    std::string_view owner_;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
