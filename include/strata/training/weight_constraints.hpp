#pragma once

#include "strata/core/parameter.hpp"
#include "strata/system/parallel.hpp"
#include "strata/training/rule_list.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Parameters that have a constraint.
template <class T> class constraint_list {
public:
    static constexpr bool takes(const parameter& p) { return p.limit.apply != nullptr; }

    STRATA_OUT_OF_LINE void add(const parameter& p, std::size_t offset) {
        if (takes(p)) tensors_.push_back({p, offset, std::vector<double>(p.size())});
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

template <class Network, class T> using weight_constraints = rule_list<Network, constraint_list<T>>;
template <class Network> inline constexpr bool has_constraints = takes_any<Network, constraint_list<double>>;

}  // namespace STRATA_ISA
}  // namespace strata::authoring
