#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/printable.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#if __has_include(<xtensor/containers/xtensor.hpp>)
#include <xtensor/containers/xarray.hpp>
#include <xtensor/containers/xtensor.hpp>
#else
#include <xtensor/xarray.hpp>
#include <xtensor/xtensor.hpp>
#endif

/// The arrays of the surface. This is the only header that knows xtensor.
namespace strata {
inline namespace STRATA_ISA {

/// The array type that the library returns: row-major, its rank known at compile time.
template <class T, std::size_t Rank> using tensor = xt::xtensor<T, Rank>;

/// "(60000, 28, 28, 1)"; `first` stands for the first extent where it is given.
inline std::string shape_text(std::span<const std::size_t> extents, std::string_view first = {}) {
    return detail::extents_text(extents, first);
}

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

    template <class E>
        requires(xt::is_xexpression<std::remove_cvref_t<E>>::value)
    array_ref(E&& expression) {  // NOLINT: an array stands for itself
        using container = std::remove_cvref_t<E>;
        using value = typename container::value_type;
        if constexpr (std::is_lvalue_reference_v<E> && is_element<value> && refers_to_memory<container>) {
            // Where the layout is known while compiling, the copy need not be compiled.
            if constexpr (container::static_layout == xt::layout_type::row_major)
                refer_to(expression, expression.data() + offset_of(expression));
            else if (expression.layout() == xt::layout_type::row_major)
                refer_to(expression, expression.data() + offset_of(expression));
            else
                own(std::forward<E>(expression));
        } else {
            own(std::forward<E>(expression));
        }
    }

    /// Anything else is refused with a sentence.
    template <class Other>
        requires(!xt::is_xexpression<std::remove_cvref_t<Other>>::value &&
                 !std::is_same_v<std::remove_cvref_t<Other>, array_ref>)
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
    template <class T> static constexpr bool is_element = type_of<T> != type::none;

    template <class E>
    static constexpr bool refers_to_memory = requires(const E& e) {
        { e.data() } -> std::convertible_to<const typename E::value_type*>;
        e.layout();
    };

    template <class E> static std::size_t offset_of(const E& e) {
        if constexpr (requires { e.data_offset(); })
            return e.data_offset();
        else
            return 0;
    }

    template <class E> void refer_to(const E& expression, const typename E::value_type* data) {
        rank_ = expression.dimension();
        if (rank_ > max_rank) raise<shape_error>({"an array of ", rank_, " axes; at most 8 are possible"});
        for (std::size_t i = 0; i < rank_; ++i) extents_[i] = static_cast<std::size_t>(expression.shape()[i]);
        data_ = data;
        type_ = type_of<typename E::value_type>;
    }

    /// Evaluates an expression into an array of a type that `visit` knows.
    template <class E> void own(E&& expression) {
        using value = typename std::remove_cvref_t<E>::value_type;
        using element = std::conditional_t<is_element<value>, value,
                                           std::conditional_t<std::is_integral_v<value>, std::int64_t, double>>;
        auto copy = std::make_shared<xt::xarray<element, xt::layout_type::row_major>>(
            xt::cast<element>(std::forward<E>(expression)));
        refer_to(*copy, copy->data());
        owner_ = std::move(copy);
    }

    type type_ = type::none;
    const void* data_ = nullptr;
    std::array<std::size_t, max_rank> extents_{};
    std::size_t rank_ = 0;
    std::shared_ptr<const void> owner_;
};

}  // namespace STRATA_ISA
}  // namespace strata
