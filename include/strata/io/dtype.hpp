#pragma once

#include "strata/core/checked.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// The element types of a safetensors file, all that the format has; elements are stored little-endian. Values of F4,
/// F6, F8 and C64 are not converted (`is_convertible`): their tensors can be looked at and written as bytes.
enum class dtype {
    boolean,
    f4,
    f6_e2m3,
    f6_e3m2,
    u8,
    i8,
    f8_e5m2,
    f8_e4m3,
    f8_e8m0,
    f8_e4m3fnuz,
    f8_e5m2fnuz,
    u16,
    i16,
    f16,
    bf16,
    u32,
    i32,
    f32,
    c64,
    u64,
    i64,
    f64
};

namespace detail {

struct dtype_row {
    dtype type;
    std::string_view name;
    std::size_t bits;
    bool convertible = true;
};

inline constexpr std::array<dtype_row, 22> dtype_table{{{dtype::boolean, "BOOL", 8},
                                                        {dtype::f4, "F4", 4, false},
                                                        {dtype::f6_e2m3, "F6_E2M3", 6, false},
                                                        {dtype::f6_e3m2, "F6_E3M2", 6, false},
                                                        {dtype::u8, "U8", 8},
                                                        {dtype::i8, "I8", 8},
                                                        {dtype::f8_e5m2, "F8_E5M2", 8, false},
                                                        {dtype::f8_e4m3, "F8_E4M3", 8, false},
                                                        {dtype::f8_e8m0, "F8_E8M0", 8, false},
                                                        {dtype::f8_e4m3fnuz, "F8_E4M3FNUZ", 8, false},
                                                        {dtype::f8_e5m2fnuz, "F8_E5M2FNUZ", 8, false},
                                                        {dtype::u16, "U16", 16},
                                                        {dtype::i16, "I16", 16},
                                                        {dtype::f16, "F16", 16},
                                                        {dtype::bf16, "BF16", 16},
                                                        {dtype::u32, "U32", 32},
                                                        {dtype::i32, "I32", 32},
                                                        {dtype::f32, "F32", 32},
                                                        {dtype::c64, "C64", 64, false},
                                                        {dtype::u64, "U64", 64},
                                                        {dtype::i64, "I64", 64},
                                                        {dtype::f64, "F64", 64}}};

}  // namespace detail

/// Bits of one element.
[[nodiscard]] constexpr std::size_t dtype_bits(dtype type) {
    return detail::dtype_table[static_cast<std::size_t>(type)].bits;
}

/// Bytes of that many elements; nothing if 64 bits cannot count them, or if they do not fill whole bytes (F4, F6).
[[nodiscard]] constexpr std::optional<std::uint64_t> dtype_bytes(dtype type, std::uint64_t count) {
    const std::size_t bits = dtype_bits(type);
    if (bits % 8 == 0) return detail::checked_product(count, bits / 8);
    const auto all = detail::checked_product(count, bits);
    if (!all || *all % 8 != 0) return std::nullopt;
    return *all / 8;
}

/// Whether values of the type can be read as numbers.
[[nodiscard]] constexpr bool is_convertible(dtype type) {
    return detail::dtype_table[static_cast<std::size_t>(type)].convertible;
}

/// The name that safetensors gives the type: "F32", "I64", "BOOL", …
[[nodiscard]] constexpr std::string_view dtype_name(dtype type) {
    return detail::dtype_table[static_cast<std::size_t>(type)].name;
}

/// The type with this safetensors name, or nothing.
[[nodiscard]] constexpr std::optional<dtype> dtype_from_name(std::string_view name) {
    for (const auto& row : detail::dtype_table) {
        if (row.name == name) return row.type;
    }
    return std::nullopt;
}

/// Whether values of the type have a fraction and can be read: F16, BF16, F32, F64.
[[nodiscard]] constexpr bool is_floating(dtype type) {
    return type == dtype::f16 || type == dtype::bf16 || type == dtype::f32 || type == dtype::f64;
}

/// The dtype that stores values of the C++ type T as they are.
template <class T> [[nodiscard]] consteval dtype dtype_of() {
    static_assert(sizeof(T) <= 8 && (std::is_integral_v<T> || std::is_floating_point_v<T>),
                  "dtype_of: safetensors stores bool, integers of up to 64 bits, float and double");
    if constexpr (std::is_same_v<T, bool>) return dtype::boolean;
    if constexpr (std::is_floating_point_v<T>) return sizeof(T) == 4 ? dtype::f32 : dtype::f64;
    constexpr bool is_signed = std::is_signed_v<T>;
    switch (sizeof(T)) {
        case 1:
            return is_signed ? dtype::i8 : dtype::u8;
        case 2:
            return is_signed ? dtype::i16 : dtype::u16;
        case 4:
            return is_signed ? dtype::i32 : dtype::u32;
        default:
            return is_signed ? dtype::i64 : dtype::u64;
    }
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
