#pragma once

#include "strata/core/column_moments.hpp"
#include "strata/core/errors.hpp"
#include "strata/core/tensor.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <type_traits>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Brings columns to mean 0 and deviation 1: (x - mean) / deviation, with the numbers of the data that it is made from,
/// which are those to train with (scikit-learn: StandardScaler).
///
/// Columns are the places along the last axis; an array (N) is one column. Means and deviations are computed in double;
/// the deviation of a constant column counts as 1. Bytes count as they are, from 0 to 255. All functions throw
/// shape_error for an array with other columns. The layer `Normalization` does the same inside of a model.
class Standardizer {
public:
    /// Throws value_error where a column has a value that is not finite.
    explicit Standardizer(const array_argument& x) : columns_(columns_of(x)) {
        const std::size_t count = x.samples() * x.sample_size();
        if (count == 0) raise<shape_error>({"Standardizer: an array with samples is needed"});
        const detail::column_moments moments = detail::moments_of_columns(x, columns_);
        mean_ = moments.mean;
        const double rows = static_cast<double>(count / columns_), epsilon = std::numeric_limits<double>::epsilon();
        for (std::size_t column = 0; column < columns_; ++column) {
            const double mean = mean_[column], variance = moments.variance[column];
            if (!std::isfinite(variance))
                raise<value_error>({"Standardizer: column ", column, " has a value that is NaN or infinite"});
            const double rounding = rows * epsilon * variance + rows * mean * epsilon * rows * mean * epsilon;
            deviation_.push_back(variance <= rounding ? 1 : std::sqrt(variance));
        }
    }

    const std::vector<double>& mean() const { return mean_; }
    const std::vector<double>& deviation() const { return deviation_; }

    /// (x - mean) / deviation, an array of x's shape; of double where x is, else of float.
    template <class X> [[nodiscard]] auto transform(const X& x) const {
        return map(x, [&](double value, std::size_t column) { return (value - mean_[column]) / deviation_[column]; });
    }

    /// What `transform` has made an array of: x deviation + mean.
    template <class X> [[nodiscard]] auto inverse_transform(const X& x) const {
        return map(x, [&](double value, std::size_t column) { return value * deviation_[column] + mean_[column]; });
    }

private:
    static std::size_t columns_of(const array_ref& x) {
        return x.shape().empty() ? 0 : x.shape().size() == 1 ? 1 : x.shape().back();
    }

    template <class X, class Function> auto map(const X& x, Function function) const {
        using element = std::conditional_t<std::is_same_v<typename X::value_type, double>, double, float>;
        const array_argument values(x);
        if (columns_of(values) != columns_)
            raise<shape_error>({"Standardizer: ", columns_, columns_ == 1 ? " column" : " columns",
                                " expected along the last axis, the array is ", shape_text(values.shape())});
        const std::vector<std::size_t> shape(values.shape().begin(), values.shape().end());
        auto result = tensor_like<X, element>::from_shape(shape);
        values.visit([&](const auto* from) {
            for (std::size_t i = 0; i < result.size(); ++i)
                result.data()[i] = static_cast<element>(function(static_cast<double>(from[i]), i % columns_));
        });
        return result;
    }

    std::size_t columns_;
    std::vector<double> mean_, deviation_;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Standardizer;
}  // namespace strata
