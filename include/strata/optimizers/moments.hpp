#pragma once

#include "strata/core/setting_checks.hpp"

#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// Throws value_error where a setting of Adam or one of its variants makes no sense.
template <class Settings> void check_moments(std::string_view owner, const Settings& settings) {
    settings.learning_rate.check(owner);
    setting_checks(owner)
        .below_one("beta_1", settings.beta_1)
        .below_one("beta_2", settings.beta_2)
        .not_negative("epsilon", settings.epsilon)
        .not_negative("weight_decay", settings.weight_decay);
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
