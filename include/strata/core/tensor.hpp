#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/input_value.hpp"
#include "strata/core/printable.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#if __has_include(<xtensor/containers/xtensor.hpp>)
#include <xtensor/containers/xarray.hpp>
#include <xtensor/containers/xtensor.hpp>
#else
#include <xtensor/xarray.hpp>
#include <xtensor/xtensor.hpp>
#endif

/// The arrays of the surface. This is the only header that knows xtensor.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// The array type that the library returns: row-major, its rank known at compile time.
template <class T, std::size_t Rank> using tensor = xt::xtensor<T, Rank, xt::layout_type::row_major>;

/// The name for users, whose programs may have a `tensor` of their own.
template <class T, std::size_t Rank> using Tensor = tensor<T, Rank>;

/// The same for a rank that only the running program knows.
template <class T> using dynamic_tensor = xt::xarray<T, xt::layout_type::row_major>;
template <class T> using DynamicTensor = dynamic_tensor<T>;

/// An xtensor expression of values that lie somewhere else, in row-major order: it may be read like an array.
template <class T> auto read_only_array(const T* values, std::size_t size, const std::vector<std::size_t>& shape) {
    using buffer = xt::xbuffer_adaptor<const T*, xt::no_ownership, std::allocator<T>>;
    using adaptor = xt::xarray_adaptor<buffer, xt::layout_type::row_major>;
    return adaptor(buffer(values, size), typename adaptor::shape_type(shape.begin(), shape.end()));
}

/// The type of the values that an array_ref has of an array with values of type T.
template <class T>
using element_like =
    std::conditional_t<array_element<T>, T, std::conditional_t<std::is_integral_v<T>, std::int64_t, double>>;

/// "(60000, 28, 28, 1)"; `first` stands for the first extent where it is given.
inline std::string shape_text(std::span<const std::size_t> extents, std::string_view first = {}) {
    return detail::extents_text(extents, first);
}

namespace detail {

/// Whether it is an xtensor container or expression. Only a class is: clang asks with void& for `{.designated = 1}`.
template <class E>
concept expression = std::is_class_v<std::remove_cvref_t<E>> && xt::is_xexpression<std::remove_cvref_t<E>>::value;

/// Whether the values of an array that lies in memory are there one after the other, in row-major order.
template <class E> bool lies_row_major(const E& array) {
    if constexpr (E::static_layout == xt::layout_type::row_major) return true;
    std::ptrdiff_t distance = 1;
    for (std::size_t i = array.dimension(); i-- > 0;) {
        const auto extent = static_cast<std::ptrdiff_t>(array.shape()[i]);
        if (extent != 1 && static_cast<std::ptrdiff_t>(array.strides()[i]) != distance) return false;
        distance *= extent;
    }
    return true;
}

template <class E> std::size_t offset_in_memory(const E& array) {
    if constexpr (requires { array.data_offset(); })
        return array.data_offset();
    else
        return 0;
}

}  // namespace detail

/// A read-only, row-major view of any xtensor container or expression, whatever its type.
///
/// A container (or a contiguous view of one) of uint8, int32, int64, float or double that outlives this object is
/// referred to; anything else is evaluated once and owned. Throws shape_error for more than 8 axes.
class array_ref {
public:
    static constexpr std::size_t max_rank = 8;

    /// No array at all.
    array_ref() = default;

    // Out of line: counting the owners of an array is much code for each place that hands one over.
    STRATA_OUT_OF_LINE array_ref(const array_ref&) = default;
    STRATA_OUT_OF_LINE ~array_ref() = default;
    array_ref(array_ref&&) noexcept = default;
    array_ref& operator=(const array_ref&) = default;
    array_ref& operator=(array_ref&&) noexcept = default;

    /// Values that lie one after the other, in row-major order, and outlive this object.
    template <array_element T> array_ref(const T* values, std::span<const std::size_t> shape) {
        refer_to(values, shape);
    }

    template <class E>
        requires(detail::expression<E>)
    array_ref(E&& expression) {  // NOLINT: an array stands for itself
        using container = std::remove_cvref_t<E>;
        using value = typename container::value_type;
        if constexpr (std::is_lvalue_reference_v<E> && array_element<value> && refers_to_memory<container>) {
            // Where the layout is known while compiling, the copy need not be compiled.
            if constexpr (container::static_layout == xt::layout_type::row_major)
                refer_to(expression.data() + detail::offset_in_memory(expression), expression.shape());
            else if (detail::lies_row_major(expression))
                refer_to(expression.data() + detail::offset_in_memory(expression), expression.shape());
            else
                own(std::forward<E>(expression));
        } else {
            own(std::forward<E>(expression));
        }
    }

    /// Anything else is refused with a sentence.
    template <class Other>
        requires(!detail::expression<Other> && !std::is_base_of_v<array_ref, std::remove_cvref_t<Other>>)
    array_ref(Other&&) {
        static_assert(
            std::is_void_v<Other>,
            "an xtensor array is needed; wrap other containers, for example xt::adapt(values, {N, 28, 28, 1})");
    }

    bool empty() const { return type_ == type::none; }

    bool holds_bytes() const { return type_ == type::uint8; }

    std::span<const std::size_t> shape() const { return {extents_.data(), rank_}; }

    /// The first extent: the number of samples.
    std::size_t samples() const { return rank_ == 0 ? 0 : extents_[0]; }

    /// The number of values of one sample.
    std::size_t sample_size() const {
        std::size_t size = 1;
        for (std::size_t i = 1; i < rank_; ++i) size *= extents_[i];
        return size;
    }

    /// Calls f(pointer to the first value), with the values' own type.
    template <class F> decltype(auto) visit(F&& f) const {
        switch (type_) {
            case type::uint8:
                return f(static_cast<const std::uint8_t*>(data_));
            case type::int32:
                return f(static_cast<const std::int32_t*>(data_));
            case type::int64:
                return f(static_cast<const std::int64_t*>(data_));
            case type::float64:
                return f(static_cast<const double*>(data_));
            default:
                return f(static_cast<const float*>(data_));
        }
    }

private:
    enum class type { none, uint8, int32, int64, float32, float64 };

    template <class T>
    static constexpr type type_of = std::is_same_v<T, std::uint8_t>   ? type::uint8
                                    : std::is_same_v<T, std::int32_t> ? type::int32
                                    : std::is_same_v<T, std::int64_t> ? type::int64
                                    : std::is_same_v<T, float>        ? type::float32
                                    : std::is_same_v<T, double>       ? type::float64
                                                                      : type::none;

    template <class E>
    static constexpr bool refers_to_memory = requires(const E& e) {
        { e.data() } -> std::convertible_to<const typename E::value_type*>;
        e.layout();
    };

    template <class T, class Shape> void refer_to(const T* values, const Shape& shape) {
        rank_ = shape.size();
        if (rank_ > max_rank) raise<shape_error>({"an array of ", rank_, " axes; at most 8 are possible"});
        std::size_t count = 1;
        for (std::size_t i = 0; i < rank_; ++i) count *= extents_[i] = static_cast<std::size_t>(shape[i]);
        if (values == nullptr && count > 0)
            raise<value_error>({"an array of shape ", shape_text(this->shape()), " has no values: was it moved from?"});
        data_ = values;
        type_ = type_of<T>;
    }

    /// Evaluates an expression into an array of a type that `visit` knows.
    template <class E> void own(E&& expression) {
        using value = typename std::remove_cvref_t<E>::value_type;
        using element = element_like<value>;
        auto copy = std::make_shared<xt::xarray<element, xt::layout_type::row_major>>(
            xt::cast<element>(std::forward<E>(expression)));
        refer_to(copy->data(), copy->shape());
        owner_ = std::move(copy);
    }

    type type_ = type::none;
    const void* data_ = nullptr;
    std::array<std::size_t, max_rank> extents_{};
    std::size_t rank_ = 0;
    std::shared_ptr<const void> owner_;
};

namespace detail {

template <class E> constexpr std::size_t rank_of() {
    if constexpr (requires { std::size_t{E::rank}; })
        return E::rank;
    else
        return array_ref::max_rank + 1;
}

}  // namespace detail

/// The array type that a function returns for an array of type E: of its rank, where the compiler knows it.
template <class E, class T>
using tensor_like = typename std::conditional_t<(detail::rank_of<E>() <= array_ref::max_rank),
                                                std::type_identity<tensor<T, detail::rank_of<E>()>>,
                                                std::type_identity<dynamic_tensor<T>>>::type;

/// An array_ref for as long as a call lasts: it refers to temporaries, too. What a function takes that keeps no array.
class array_argument : public array_ref {
public:
    array_argument() = default;
    array_argument(const array_ref& array) : array_ref(array) {}

    template <class Array>
        requires(!std::is_base_of_v<array_ref, std::remove_cvref_t<Array>>)
    array_argument(Array&& array) : array_ref(array) {}  // NOLINT: not forwarded, so that it is referred to
};

/// An array that a caller keeps and a function fills: any xtensor container, adaptor or view whose values are of type T
/// and lie one after the other, in row-major order. Throws shape_error where they do not.
template <class T> class result_ref {
public:
    template <class E>
        requires(detail::expression<E>)
    result_ref(E&& array) {  // NOLINT: an array stands for itself
        constexpr bool is_writable = requires {
            { array.data() } -> std::convertible_to<T*>;
        };
        static_assert(is_writable,
                      "the result must be an array in memory of the model's type of values, float or "
                      "double, and not const");
        if constexpr (is_writable) {
            if (!detail::lies_row_major(array))
                raise<shape_error>({"the result must be row-major, its values one after the other; it is not"});
            rank_ = array.dimension();
            for (std::size_t i = 0; i < std::min(rank_, extents_.size()); ++i)
                extents_[i] = static_cast<std::size_t>(array.shape()[i]);
            data_ = array.data() + detail::offset_in_memory(array);
        }
    }

    T* data() const { return data_; }

    std::span<const std::size_t> shape() const { return {extents_.data(), std::min(rank_, extents_.size())}; }

private:
    T* data_ = nullptr;
    std::array<std::size_t, array_ref::max_rank + 1> extents_{};
    std::size_t rank_ = 0;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::DynamicTensor;
using authoring::Tensor;
}  // namespace strata
