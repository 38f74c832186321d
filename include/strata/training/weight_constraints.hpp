#pragma once

#include "strata/core/parameter.hpp"
#include "strata/system/parallel.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Whether a network has parameters with a constraint among those that are trained.
template <class Network>
inline constexpr bool has_constraints = [] {
    bool found = false;
    Network::for_each_parameter(
        [&](std::size_t, const parameter& p, std::size_t) { found |= p.limit.apply != nullptr; });
    return found;
}();

/// Parameters that have a constraint.
template <class T> class constraint_list {
public:
    /// With one more parameter, which begins there in the arena, if it has one.
    STRATA_OUT_OF_LINE void add(const parameter& p, std::size_t offset) {
        if (p.limit.apply != nullptr) tensors_.push_back({p, offset, std::vector<double>(p.size())});
    }

    /// Applies them behind an update. Each thread takes whole parameters, once all have met.
    STRATA_OUT_OF_LINE void apply(team& all, std::size_t thread, T* values) {
        all.barrier();
        for (std::size_t i = thread; i < tensors_.size(); i += all.size()) {
            tensor& t = tensors_[i];
            T* const begin = values + t.begin;
            std::copy_n(begin, t.values.size(), t.values.begin());
            t.rules.limit.apply({t.values, t.rules.shape(), t.scratch});
            std::transform(t.values.begin(), t.values.end(), begin, [](double w) { return static_cast<T>(w); });
        }
    }

private:
    struct tensor {
        parameter rules;
        std::size_t begin;  // in the arena
        std::vector<double> values, scratch{};
    };

    std::vector<tensor> tensors_;
};

/// The constraint_list of a network; nothing at all where it has no constraints.
template <class Network, class T, bool = has_constraints<Network>> struct weight_constraints {};
template <class Network, class T> struct weight_constraints<Network, T, true> : constraint_list<T> {
    weight_constraints() {
        Network::for_each_parameter([&](std::size_t, const parameter& p, std::size_t offset) { this->add(p, offset); });
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
