#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/parameter_entry.hpp"
#include "strata/core/tensor.hpp"
#include "strata/core/text.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// A tensor for each parameter that is trained, under its name: derivatives with respect to it.
template <class T> class named_derivatives {
public:
    /// Those of the parameters of `table` that are trained, which lie in `values` where it says. `caller` begins
    /// messages.
    named_derivatives(std::string_view caller, std::vector<parameter_entry> table, const T* values)
        : caller_{caller}, table_{std::move(table)} {
        std::erase_if(table_, [](const parameter_entry& entry) { return !entry.trained; });
        for (const parameter_entry& entry : table_) {
            values_.push_back(dynamic_tensor<T>::from_shape(entry.shape));
            std::copy_n(values + entry.offset, entry.size, values_.back().data());
        }
    }

    /// Those with respect to a parameter, of its shape: `["conv2d/kernel"]`. Throws value_error, with the names that
    /// there are, for a name that no trained parameter has.
    const dynamic_tensor<T>& operator[](std::string_view name) const& {
        return values_[place_of(name, table_, concat({caller_, ": the model"}))];
    }

    /// Of a temporary, `gradients(…)["conv2d/kernel"]`, a copy.
    dynamic_tensor<T> operator[](std::string_view name) && { return std::as_const(*this)[name]; }

    /// The names of all parameters that are trained, in the order of the layers.
    std::vector<std::string> names() const { return names_of(table_); }

private:
    std::string caller_;
    std::vector<parameter_entry> table_;
    std::vector<dynamic_tensor<T>> values_;
};

namespace detail {

/// The numbers of all rows of x. Throws value_error, which begins with the caller, where there are none or too many.
[[nodiscard]] STRATA_OUT_OF_LINE inline std::vector<std::uint32_t> every_row(const array_ref& x,
                                                                             std::string_view caller) {
    if (x.samples() == 0) raise<value_error>({caller, ": the data are empty"});
    if (x.samples() > std::numeric_limits<std::uint32_t>::max())
        raise<value_error>({caller, ": more than 2^32 - 1 samples"});
    std::vector<std::uint32_t> rows(x.samples());
    std::iota(rows.begin(), rows.end(), 0u);
    return rows;
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
