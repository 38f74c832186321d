#pragma once

#include "strata/config.hpp"

#include <bit>
#include <cstdint>
#include <type_traits>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// A real number as a template argument: with `template <number Rate> struct Dropout`, write `Dropout<0.25>`. Clang 16
/// takes no floating-point number there, so this one holds its bits. Zero is the same type with either sign; a NaN is
/// refused, since it would not equal itself.
struct number {
    std::uint64_t bits;

    template <class T>
        requires std::is_arithmetic_v<T>
    consteval number(T value) : bits(std::bit_cast<std::uint64_t>(static_cast<double>(value) + 0.0)) {
        if (value != value) a_template_argument_must_be_a_number();
    }

    constexpr operator double() const { return std::bit_cast<double>(bits); }

private:
    /// Not constexpr: the compiler names it where it refuses a NaN.
    static void a_template_argument_must_be_a_number() {}
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
