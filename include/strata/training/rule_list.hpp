#pragma once

#include "strata/core/parameter.hpp"

#include <cstddef>

/// Lists of the parameters that have a rule: regularizers in weight_penalties.hpp, constraints in
/// weight_constraints.hpp. A list has `static constexpr bool takes(const parameter&)`, and `add(parameter, offset)`,
/// which adds one that begins there in the arena, if it takes it.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// Whether a list takes any parameter of a network that is trained. (As in Keras, those of frozen layers do not count.)
template <class Network, class List>
inline constexpr bool takes_any = [] {
    bool found = false;
    Network::for_each_parameter([&](std::size_t, const parameter& p, std::size_t) { found |= List::takes(p); });
    return found;
}();

/// The list of a network; nothing at all where it takes no parameter.
template <class Network, class List, bool = takes_any<Network, List>> struct rule_list {};
template <class Network, class List> struct rule_list<Network, List, true> : List {
    rule_list() {
        Network::for_each_parameter([&](std::size_t, const parameter& p, std::size_t offset) { this->add(p, offset); });
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
