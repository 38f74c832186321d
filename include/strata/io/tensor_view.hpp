#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/finite.hpp"
#include "strata/core/printable.hpp"
#include "strata/core/text.hpp"
#include "strata/io/dtype.hpp"

#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace strata {
inline namespace STRATA_ISA {

static_assert(std::endian::native == std::endian::little,
              "safetensors: files are little-endian, and swapping bytes for big-endian machines is not written yet");

/// A tensor as a safetensors file holds it; the bytes, row-major and little-endian, belong to somebody else.
struct tensor_view {
    std::string name;
    dtype type = dtype::f32;
    std::vector<std::size_t> extents;  ///< none for a scalar
    std::span<const std::byte> bytes;
};

/// Names values that are to be written. They must live as long as the view.
template <class T>
[[nodiscard]] tensor_view view_of(std::string name, std::vector<std::size_t> extents, std::span<const T> values) {
    return {std::move(name), dtype_of<T>(), std::move(extents), std::as_bytes(values)};
}

namespace detail {

struct half {
    std::uint16_t bits;
};
struct brain_half {
    std::uint16_t bits;
};
struct boolean {
    std::uint8_t bits;
};

/// IEEE 754 half precision, 5 bits of exponent and 10 of fraction; every value fits into a float.
[[nodiscard]] inline float widened(half value) {
    const unsigned exponent = value.bits >> 10U & 0x1fU;
    const unsigned fraction = value.bits & 0x3ffU;
    const float sign = (value.bits & 0x8000U) != 0 ? -1.0F : 1.0F;
    if (exponent == 0x1f) {
        return fraction != 0 ? std::numeric_limits<float>::quiet_NaN() : sign * std::numeric_limits<float>::infinity();
    }
    if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -24);
    return sign * std::ldexp(static_cast<float>(fraction + 0x400U), static_cast<int>(exponent) - 25);
}

/// bfloat16: the upper half of a float.
[[nodiscard]] inline float widened(brain_half value) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(value.bits) << 16U);
}

/// NaN or infinity.
template <class T> [[nodiscard]] bool is_nonfinite(T value) {
    if constexpr (std::floating_point<T>) {
        return !is_finite(value);
    } else if constexpr (std::same_as<T, half>) {
        return (value.bits & 0x7c00U) == 0x7c00U;
    } else if constexpr (std::same_as<T, brain_half>) {
        return (value.bits & 0x7f80U) == 0x7f80U;
    } else {
        return false;
    }
}

/// Calls `function` with a value of the C++ type that a dtype stands for.
template <class Function> decltype(auto) with_dtype(dtype type, Function&& function) {
    switch (type) {
        case dtype::boolean:
            return function(boolean{});
        case dtype::u8:
            return function(std::uint8_t{});
        case dtype::i8:
            return function(std::int8_t{});
        case dtype::u16:
            return function(std::uint16_t{});
        case dtype::i16:
            return function(std::int16_t{});
        case dtype::f16:
            return function(half{});
        case dtype::bf16:
            return function(brain_half{});
        case dtype::u32:
            return function(std::uint32_t{});
        case dtype::i32:
            return function(std::int32_t{});
        case dtype::f32:
            return function(float{});
        case dtype::u64:
            return function(std::uint64_t{});
        case dtype::i64:
            return function(std::int64_t{});
        case dtype::f64:
            break;
    }
    return function(double{});
}

/// Element `index` of a tensor; the bytes need not be aligned.
template <class Stored> [[nodiscard]] Stored element(std::span<const std::byte> bytes, std::size_t index) {
    Stored value;
    std::memcpy(&value, bytes.data() + index * sizeof(Stored), sizeof(Stored));
    return value;
}

/// The value as a T, or nothing if T has no such value. A fraction may be rounded, nothing else may change.
template <class T, class Stored> [[nodiscard]] std::optional<T> converted(Stored value) {
    if constexpr (std::same_as<Stored, boolean>) {
        if (value.bits > 1) return std::nullopt;
        return static_cast<T>(value.bits);
    } else if constexpr (std::same_as<Stored, half> || std::same_as<Stored, brain_half>) {
        return converted<T>(widened(value));
    } else if constexpr (std::is_integral_v<Stored>) {
        if constexpr (std::is_integral_v<T>) {
            if (!std::in_range<T>(value)) return std::nullopt;
        }
        return static_cast<T>(value);
    } else if constexpr (std::is_integral_v<T>) {
        return std::nullopt;
    } else {
        if constexpr (sizeof(T) < sizeof(Stored)) {
            constexpr auto largest = static_cast<Stored>(std::numeric_limits<T>::max());
            if (!is_nonfinite(value) && (value > largest || value < -largest)) return std::nullopt;
        }
        return static_cast<T>(value);
    }
}

/// The multi-index of element `index`, as text: `[3, 0, 2]`; empty for a scalar.
[[nodiscard]] inline std::string index_text(std::span<const std::size_t> extents, std::size_t index) {
    std::string text;
    for (std::size_t axis = extents.size(); axis-- > 0; index /= extents[axis]) {
        text = concat({index % extents[axis], text.empty() ? "" : ", ", text});
    }
    return text.empty() ? "" : concat({"[", text, "]"});
}

/// Throws shape_error for room for another number of values than the tensor has.
[[noreturn]] inline void refuse_room(const tensor_view& tensor, std::size_t room, const std::string& file) {
    raise<shape_error>({file, ": tensor ", in_quotes(tensor.name), ": room for ",
                        tensor.bytes.size() / dtype_size(tensor.type), " values expected, room for ", room, " found"});
}

/// Throws file_error for an element that the type `wanted` does not have.
[[noreturn]] inline void refuse_value(const tensor_view& tensor, std::size_t index, dtype wanted,
                                      const std::string& file) {
    raise<file_error>({file, ": tensor ", in_quotes(tensor.name), ": element ", index,
                       index_text(tensor.extents, index), " of type ", dtype_name(tensor.type), " is no ",
                       dtype_name(wanted), " (read it as another type)"});
}

}  // namespace detail

/// A type that tensors can be converted to.
template <class T>
concept tensor_value = std::is_arithmetic_v<T> && !std::same_as<T, bool> && sizeof(T) <= 8;

/// Writes the tensor's values into `into`, which has as many; `file` begins the messages.
///
/// Floating types take any dtype; a double may be rounded to a float. Integers take integers and BOOL. Throws
/// file_error that names the tensor and the index if a value does not fit, shape_error if `into` has another size.
template <tensor_value T>
void convert(const tensor_view& tensor, std::span<T> into, const std::string& file = "safetensors") {
    if (tensor.bytes.size() / dtype_size(tensor.type) != into.size()) detail::refuse_room(tensor, into.size(), file);
    detail::with_dtype(tensor.type, [&](auto stored) {
        for (std::size_t i = 0; i < into.size(); ++i) {
            const auto value = detail::converted<T>(detail::element<decltype(stored)>(tensor.bytes, i));
            if (!value) detail::refuse_value(tensor, i, dtype_of<T>(), file);
            into[i] = *value;
        }
    });
}

/// The tensor's values as a vector of T, row-major. Throws as `convert` does.
template <tensor_value T>
[[nodiscard]] std::vector<T> to_vector(const tensor_view& tensor, const std::string& file = "safetensors") {
    std::vector<T> values(tensor.bytes.size() / dtype_size(tensor.type));
    convert(tensor, std::span<T>(values), file);
    return values;
}

/// The index of the first NaN or infinity, or nothing.
[[nodiscard]] inline std::optional<std::size_t> first_nonfinite(const tensor_view& tensor) {
    return detail::with_dtype(tensor.type, [&](auto stored) -> std::optional<std::size_t> {
        for (std::size_t i = 0; i < tensor.bytes.size() / sizeof(stored); ++i) {
            if (detail::is_nonfinite(detail::element<decltype(stored)>(tensor.bytes, i))) return i;
        }
        return std::nullopt;
    });
}

}  // namespace STRATA_ISA
}  // namespace strata
