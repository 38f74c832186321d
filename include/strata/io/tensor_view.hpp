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

namespace strata::authoring {
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

/// IEEE 754 half precision, 5 bits of exponent and 10 of fraction; every value fits into a float.
[[nodiscard]] inline float half_value(std::uint64_t bits) {
    const auto exponent = static_cast<int>(bits >> 10U & 0x1fU);
    const auto fraction = static_cast<float>(bits & 0x3ffU);
    const float sign = (bits & 0x8000U) != 0 ? -1.0F : 1.0F;
    if (exponent == 0x1f) {
        return fraction != 0 ? std::numeric_limits<float>::quiet_NaN() : sign * std::numeric_limits<float>::infinity();
    }
    if (exponent == 0) return sign * std::ldexp(fraction, -24);
    return sign * std::ldexp(fraction + 1024, exponent - 25);
}

/// An element, whatever it is stored as: `real` where its type has a fraction, else a whole number.
struct stored_number {
    double real = 0;
    std::uint64_t magnitude = 0;
    bool negative = false;
};

/// Element `index` of a tensor of a convertible type; the bytes need not be aligned.
[[nodiscard]] STRATA_OUT_OF_LINE inline stored_number element(const tensor_view& tensor, std::size_t index) {
    const std::size_t width = dtype_bits(tensor.type);
    std::uint64_t bits = 0;
    std::memcpy(&bits, tensor.bytes.data() + index * (width / 8), width / 8);
    switch (tensor.type) {
        case dtype::f16:
            return {.real = static_cast<double>(half_value(bits))};
        case dtype::bf16:  // the upper half of a float
            return {.real = static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits << 16U)))};
        case dtype::f32:
            return {.real = static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)))};
        case dtype::f64:
            return {.real = std::bit_cast<double>(bits)};
        case dtype::i8:
        case dtype::i16:
        case dtype::i32:
        case dtype::i64: {
            const bool negative = (bits >> (width - 1) & 1U) != 0;
            // Two's complement, of `width` bits.
            const std::uint64_t all = ~std::uint64_t{0} >> (64 - width);
            return {.magnitude = negative ? (~bits & all) + 1 : bits, .negative = negative};
        }
        default:
            return {.magnitude = bits};
    }
}

/// The value as a T, or nothing if T has no such value. A fraction may be rounded, nothing else may change.
template <class T> [[nodiscard]] std::optional<T> converted(const stored_number& number, dtype type) {
    if (type == dtype::boolean && number.magnitude > 1) return std::nullopt;
    if constexpr (std::is_integral_v<T>) {
        const auto most = static_cast<std::uint64_t>(std::numeric_limits<T>::max());
        const std::uint64_t limit = !number.negative ? most : std::is_signed_v<T> ? most + 1 : 0;
        if (is_floating(type) || number.magnitude > limit) return std::nullopt;
        return static_cast<T>(number.negative ? 0 - number.magnitude : number.magnitude);
    } else {
        if (!is_floating(type)) {
            return number.negative ? -static_cast<T>(number.magnitude) : static_cast<T>(number.magnitude);
        }
        if (is_finite(number.real) && std::abs(number.real) > static_cast<double>(std::numeric_limits<T>::max())) {
            return std::nullopt;
        }
        return static_cast<T>(number.real);
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

/// The number of values. Throws file_error where they cannot be read as numbers.
[[nodiscard]] STRATA_OUT_OF_LINE inline std::size_t value_count(const tensor_view& tensor, const std::string& file) {
    if (!is_convertible(tensor.type)) {
        raise<file_error>({file, ": tensor ", in_quotes(tensor.name), ": the type ", dtype_name(tensor.type),
                           " is not supported (write the tensor in another type, F32 for example)"});
    }
    return tensor.bytes.size() / (dtype_bits(tensor.type) / 8);
}

/// Throws shape_error for room for another number of values than the tensor has.
[[noreturn]] STRATA_OUT_OF_LINE inline void refuse_room(const tensor_view& tensor, std::size_t room,
                                                        const std::string& file) {
    raise<shape_error>({file, ": tensor ", in_quotes(tensor.name), ": room for ", value_count(tensor, file),
                        " values expected, room for ", room, " found"});
}

/// Throws file_error for an element that the type `wanted` does not have.
[[noreturn]] STRATA_OUT_OF_LINE inline void refuse_value(const tensor_view& tensor, std::size_t index, dtype wanted,
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
/// Floating types take any convertible dtype; a double may be rounded to a float. Integers take integers and BOOL.
/// Throws file_error that names the tensor and the index if a value does not fit, or the type that is not supported,
/// shape_error if `into` has another size.
template <tensor_value T>
STRATA_OUT_OF_LINE void convert(const tensor_view& tensor, std::span<T> into, const std::string& file = "safetensors") {
    if (detail::value_count(tensor, file) != into.size()) detail::refuse_room(tensor, into.size(), file);
    if (tensor.type == dtype_of<T>()) {
        if (!into.empty()) std::memcpy(into.data(), tensor.bytes.data(), tensor.bytes.size());
        return;
    }
    for (std::size_t i = 0; i < into.size(); ++i) {
        const auto value = detail::converted<T>(detail::element(tensor, i), tensor.type);
        if (!value) detail::refuse_value(tensor, i, dtype_of<T>(), file);
        into[i] = *value;
    }
}

/// The tensor's values as a vector of T, row-major. Throws as `convert` does.
template <tensor_value T>
[[nodiscard]] std::vector<T> to_vector(const tensor_view& tensor, const std::string& file = "safetensors") {
    std::vector<T> values(detail::value_count(tensor, file));
    convert(tensor, std::span<T>(values), file);
    return values;
}

/// The index of the first NaN or infinity, or nothing; types that are not convertible are not looked into.
[[nodiscard]] STRATA_OUT_OF_LINE inline std::optional<std::size_t> first_nonfinite(const tensor_view& tensor) {
    if (!is_floating(tensor.type)) return std::nullopt;
    const std::size_t count = tensor.bytes.size() / (dtype_bits(tensor.type) / 8);
    for (std::size_t i = 0; i < count; ++i) {
        if (!is_finite(detail::element(tensor, i).real)) return i;
    }
    return std::nullopt;
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
