#pragma once

#include "strata/system/advice.hpp"

#include <cstddef>
#include <string>
#include <string_view>

/// A program that is compiled without flags runs many times slower than it could. It says so once.
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// The names that STRATA_ISA has, in an order in which each set has what stands before it. Where all machines have what
/// strata uses (ARM), there is nothing above.
enum class instruction_set { scalar, portable, sse2, sse4, avx, avx2, avx2_fma, avx512, avx512_bf16, zen4, neon };

constexpr std::string_view name_of(instruction_set set) {
    switch (set) {
        case instruction_set::avx512:
        case instruction_set::avx512_bf16:
        case instruction_set::zen4:
            return "AVX-512";
        case instruction_set::avx2_fma:
            return "AVX2 with FMA";
        case instruction_set::avx2:
        case instruction_set::avx:
            return "AVX without FMA";
        case instruction_set::sse4:
            return "SSE4";
        case instruction_set::sse2:
            return "SSE2";
        default:
            return "less";
    }
}

/// What this translation unit is compiled for, and how.
struct build {
    instruction_set set = instruction_set::STRATA_ISA;
#ifdef __OPTIMIZE__
    bool optimized = true;
#else
    bool optimized = false;
#endif
};

/// The best set of this machine and its operating system, of those that make strata faster; `portable` if none does.
inline instruction_set machine_set() {
#if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))
    if (__builtin_cpu_supports("avx512f")) return instruction_set::avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return instruction_set::avx2_fma;
    if (__builtin_cpu_supports("avx")) return instruction_set::avx;
#endif
    return instruction_set::portable;
}

/// The line for a program of this build on this machine; empty where there is nothing to gain.
inline std::string build_advice(const build& built, instruction_set machine) {
    const bool narrow = built.set != instruction_set::scalar && built.set < machine;  // scalar was the user's choice
    if (built.optimized && !narrow) return {};
    std::string text = "strata: this program is compiled ";
    if (!built.optimized) text += "without optimization";
    if (!built.optimized && narrow) text += " and ";
    if (narrow) {
        text += "for ";
        text += name_of(built.set);
        text += ", but this machine has ";
        text += name_of(machine);
    }
    text += "; to make it faster compile with ";
    if (!built.optimized) text += narrow ? "-O3 " : "-O3";
    if (narrow) text += "-march=native";
    return text + " (STRATA_QUIET=1 hides this line)";
}

/// Prints the advice for this program on stderr, the first time that it is called; nothing where the environment
/// variable STRATA_QUIET is set and not empty.
inline void advise_on_build() {
    static const bool said = advise(build_advice({}, machine_set()));
    static_cast<void>(said);
}

/// From how many samples on the advice is worth its line in a prediction.
inline constexpr std::size_t samples_worth_advice = 100;

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
