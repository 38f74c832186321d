#pragma once

#include "strata/config.hpp"

#include <locale.h>
#include <stdlib.h>
#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// A decimal number at the front of a text: where it ends, nullptr where there is none; `value` is not finite where it
/// is too large for a double.
struct decimal {
    double value = 0;
    const char* end = nullptr;
};

/// The double nearest to a decimal number without sign that is known to be one; infinity where that is too large.
[[nodiscard]] STRATA_OUT_OF_LINE inline double nearest_double(std::string_view text) {
#ifdef __cpp_lib_to_chars
    double value = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc{}) return value;
#endif
    // Very large, very small, or libc++ before LLVM 20.
    static const locale_t plain = newlocale(LC_ALL_MASK, "C", nullptr);
    return strtod_l(std::string(text).c_str(), nullptr, plain);
}

/// Goes over the digits at `at` and appends them to `value`; which wraps behind 19 of them.
///
/// Eight at a time, without a branch for each: how many of the eight are digits is what no branch predictor knows.
[[nodiscard]] inline const char* read_digits(const char* at, const char* last, std::uint64_t& value) {
    static constexpr std::array<std::uint64_t, 9> tens{1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
    while (std::endian::native == std::endian::little && last - at >= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, at, 8);
        word ^= 0x3030303030303030;  // digits are bytes from 0 to 9, the first one the lowest
        const std::uint64_t others =
            ((word + 0x7676767676767676) | word) & 0x8080808080808080;  // right up to the first
        const auto count = static_cast<unsigned>(std::countr_zero(others)) / 8;
        if (count == 0) return at;
        word <<= 64 - 8 * count;         // zeros before them
        word = word * 10 + (word >> 8);  // every other byte is a number of two digits
        constexpr std::uint64_t pairs = 0x000000ff000000ff;
        word = (word & pairs) * (100 + (std::uint64_t{1000000} << 32)) +
               (word >> 16 & pairs) * (1 + (std::uint64_t{10000} << 32));
        value = value * tens[count] + (word >> 32);
        at += count;
        if (count < 8) return at;
    }
    for (; at != last && *at >= '0' && *at <= '9'; ++at) value = value * 10 + static_cast<std::uint64_t>(*at - '0');
    return at;
}

/// Reads the decimal number at `at`: a sign or none, digits with a point or without, an exponent or none. In every
/// locale the point is a point. There are no blanks, no hexadecimal numbers, no "inf".
///
/// Up to 2^53 a mantissa is exact in a double and so are powers of ten up to 10^22, so one operation rounds right
/// (Clinger, "How to Read Floating Point Numbers Accurately", PLDI 1990); others are left to the standard library.
[[nodiscard]] inline decimal read_decimal(const char* at, const char* last) {
    const bool negative = at != last && *at == '-';
    if (negative || (at != last && *at == '+')) ++at;
    const char* const first = at;
    std::uint64_t mantissa = 0;
    at = read_digits(at, last, mantissa);
    auto digits = at - first;
    std::ptrdiff_t exponent = 0;
    if (at != last && *at == '.') {
        const char* const point = at + 1;
        at = read_digits(point, last, mantissa);
        exponent = point - at;
        digits -= exponent;
    }
    if (digits == 0) return {};
    if (at != last && (*at == 'e' || *at == 'E')) {
        const char* const mark = at++;
        const bool below = at != last && *at == '-';
        if (below || (at != last && *at == '+')) ++at;
        const char* const start = at;
        std::uint64_t power = 0;
        at = read_digits(at, last, power);
        if (at == start)
            at = mark;  // "1e": the number ends before the letter
        else if (at - start > 4)
            exponent = 10'000;  // for the standard library
        else
            exponent += below ? -static_cast<std::ptrdiff_t>(power) : static_cast<std::ptrdiff_t>(power);
    }
    static constexpr std::array<double, 23> tens{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                                 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    double value = 0;
    if (digits <= 19 && mantissa <= std::uint64_t{1} << 53 && exponent >= -22 && exponent <= 22) {
        value = static_cast<double>(mantissa);
        value = exponent < 0 ? value / tens[static_cast<std::size_t>(-exponent)]
                             : value * tens[static_cast<std::size_t>(exponent)];
    } else {
        value = nearest_double({first, static_cast<std::size_t>(at - first)});
    }
    return {negative ? -value : value, at};
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
