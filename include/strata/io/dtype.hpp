#pragma once

#include "strata/config.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>

namespace strata {
inline namespace STRATA_ISA {

/// The element types of a safetensors file; elements are stored little-endian.
enum class dtype { boolean, u8, i8, u16, i16, f16, bf16, u32, i32, f32, u64, i64, f64 };

namespace detail {

struct dtype_row {
    dtype type;
    std::string_view name;
    std::size_t size;
};

inline constexpr std::array<dtype_row, 13> dtype_table{{{dtype::boolean, "BOOL", 1},
                                                        {dtype::u8, "U8", 1},
                                                        {dtype::i8, "I8", 1},
                                                        {dtype::u16, "U16", 2},
                                                        {dtype::i16, "I16", 2},
                                                        {dtype::f16, "F16", 2},
                                                        {dtype::bf16, "BF16", 2},
                                                        {dtype::u32, "U32", 4},
                                                        {dtype::i32, "I32", 4},
                                                        {dtype::f32, "F32", 4},
                                                        {dtype::u64, "U64", 8},
                                                        {dtype::i64, "I64", 8},
                                                        {dtype::f64, "F64", 8}}};

}  // namespace detail

/// Bytes of one element.
[[nodiscard]] constexpr std::size_t dtype_size(dtype type) {
    return detail::dtype_table[static_cast<std::size_t>(type)].size;
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

/// Whether values of the type have a fraction: F16, BF16, F32, F64.
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
}  // namespace strata
