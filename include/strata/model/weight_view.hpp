#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/samples.hpp"
#include "strata/core/tensor.hpp"
#include "strata/core/text.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// The values of one parameter, or state, of a model, where they lie in the model; T is const for a const model. It
/// refers to the model, which has to outlive it and stay where it is.
///
///     model.weights("dense/bias") = xt::zeros<float>({32});
///     model.weights("dense/kernel") = 0.5f * model.weights("dense/kernel").array();
///     const tensor<float, 4> kernel = model.weights("conv2d/kernel");  // a copy
///
/// Assigning writes values, also from another view. Throws shape_error where the shape is another one; nothing is
/// written then.
template <class T> class weight_view {
public:
    using value_type = std::remove_const_t<T>;

    weight_view(T* data, std::vector<std::size_t> shape, std::string name)
        : data_{data}, shape_{std::move(shape)}, name_{std::move(name)} {}
    weight_view(const weight_view&) = default;

    /// The extents, in Keras' layout: rows, columns, channels, filters for the kernel of a Conv2D.
    const std::vector<std::size_t>& shape() const { return shape_; }

    std::size_t size() const {
        std::size_t count = 1;
        for (const std::size_t extent : shape_) count *= extent;
        return count;
    }

    /// The first value; the others follow in row-major order.
    T* data() const { return data_; }

    /// One value: `kernel(0, 3)`. Indices are not checked, but throws shape_error for another number of them.
    template <std::integral... Indices> T& operator()(Indices... indices) const {
        if (sizeof...(Indices) != shape_.size()) refuse_rank(sizeof...(Indices), " indices were given");
        const std::array<std::size_t, sizeof...(Indices)> all{static_cast<std::size_t>(indices)...};
        std::size_t place = 0;
        for (std::size_t i = 0; i < all.size(); ++i) place = place * shape_[i] + all[i];
        return data_[place];
    }

    /// The values as an xtensor expression that reads them in the model.
    auto array() const { return read_only_array<value_type>(data_, size(), shape_); }

    /// A copy of them.
    operator dynamic_tensor<value_type>() const {  // NOLINT: a tensor as any other
        auto copy = dynamic_tensor<value_type>::from_shape(shape_);
        std::copy_n(data_, size(), copy.data());
        return copy;
    }

    /// The same. Throws shape_error for another rank.
    template <std::size_t Rank> operator tensor<value_type, Rank>() const {  // NOLINT: a tensor as any other
        if (Rank != shape_.size()) refuse_rank(Rank, " axes were asked for");
        std::array<std::size_t, Rank> extents{};
        std::copy_n(shape_.begin(), Rank, extents.begin());
        tensor<value_type, Rank> copy(extents);
        std::copy_n(data_, size(), copy.data());
        return copy;
    }

    /// Writes the values of any xtensor container or expression of this shape, as numbers of type T.
    const weight_view& operator=(const array_argument& values) const {
        static_assert(!std::is_const_v<T>, "weights: the model is const, its weights may only be read");
        const auto found = values.shape();
        if (!std::equal(found.begin(), found.end(), shape_.begin(), shape_.end()))
            raise<shape_error>({"weights: ", name_, " has the shape ", shape_text(shape_), ", what is assigned has ",
                                shape_text(found)});
        detail::convert_values(values, 0, size(), value_type(1), data_);
        return *this;
    }

    template <class U> const weight_view& operator=(const weight_view<U>& other) const {
        return *this = array_ref(other.data(), other.shape());
    }
    const weight_view& operator=(const weight_view& other) const { return operator=<T>(other); }

private:
    [[noreturn]] void refuse_rank(std::size_t rank, std::string_view what) const {
        raise<shape_error>({"weights: ", name_, " has the shape ", shape_text(shape_), ", ", rank, what});
    }

    T* data_;
    std::vector<std::size_t> shape_;
    std::string name_;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
