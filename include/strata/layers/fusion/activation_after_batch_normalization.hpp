#pragma once

#include "strata/core/stage.hpp"

#include <concepts>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// An activation whose derivative follows from its result is a part of the BatchNormalization before it.
template <class First, class Second>
    requires std::same_as<typename First::before_activation, First> && requires { typename Second::function; } &&
             Second::from_result
struct fusion_rule<First, Second> {
    using type = typename First::template with_activation<typename Second::function>;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
