#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/text.hpp"

#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// What a factor is drawn from, uniformly: one number f stands for [-f, f], two for the interval between them, as in
/// Keras' layers.
struct factor_range {
    double lower, upper;

    constexpr factor_range(double factor) : lower(-factor), upper(factor) {}  // NOLINT: a number stands for a range
    constexpr factor_range(double from, double to) : lower(from), upper(to) {}

    /// Throws value_error unless least <= lower <= upper <= most.
    void check(std::string_view owner, std::string_view name, double least, double most) const {
        if (!(least <= lower && lower <= upper && upper <= most)) refuse(owner, name, least, most);
    }

private:
    STRATA_OUT_OF_LINE void refuse(std::string_view owner, std::string_view name, double least, double most) const {
        raise<value_error>({owner, ": ", name, " is drawn from [", exact_text(lower), ", ", exact_text(upper),
                            "], but must be one number, 0 or more, or two in order, within [", exact_text(least), ", ",
                            exact_text(most), "]"});
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
