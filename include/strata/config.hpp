#pragma once

#if __cplusplus < 202002L
#error "strata needs C++20; compile with -std=c++20"
#endif

/// The version of the library, which model files carry. CMake reads it from here.
#define STRATA_VERSION "0.1.0"

/// The name of the instruction set that a translation unit is compiled for.
///
/// All of strata lies in an inline namespace of that name. Were it otherwise, two translation units of one program with
/// different -m flags would share inline functions, and the linker would keep whichever copy it meets first: one that
/// the machine may not know, or one whose registers have another width. Users write `strata::` and never see it.
///
/// Whoever defines STRATA_SCALAR gets plain C++ without registers of several lanes: slow, and the same on every
/// machine.
///
/// STRATA_HAS_BFLOAT16 is defined where the set multiplies bfloat16 values (AVX512-BF16). A Zen 4 has the same set as
/// others, but computes in halves of registers, which kernels take into account, so it has a name of its own; g++ 12
/// reports a Zen 4 as a Zen 3, and a Zen 5 as either; only the Zen 5 has AVX-VNNI.
#if defined(STRATA_SCALAR)
#define STRATA_ISA scalar
#elif defined(__AVX512F__) && defined(__AVX512CD__) && defined(__AVX512DQ__) && defined(__AVX512BF16__)
#define STRATA_HAS_BFLOAT16 1
#if (defined(__znver3__) || defined(__znver4__)) && !defined(__AVXVNNI__)
#define STRATA_ISA zen4
#define STRATA_IS_ZEN4 1
#else
#define STRATA_ISA avx512_bf16
#endif
#elif defined(__AVX512F__)
#define STRATA_ISA avx512
#elif defined(__AVX2__) && defined(__FMA__)
#define STRATA_ISA avx2_fma
#elif defined(__AVX2__)
#define STRATA_ISA avx2
#elif defined(__AVX__)
#define STRATA_ISA avx
#elif defined(__SSE4_1__)
#define STRATA_ISA sse4
#elif defined(__SSE2__)
#define STRATA_ISA sse2
#elif defined(__aarch64__)
#define STRATA_ISA neon
#else
#define STRATA_ISA portable
#endif

/// Keeps a function out of line where call overhead is negligible: compiled once, and called. g++ would compile them
/// wherever they are called, as it does in C++20 with std::string's own, and once more for each constant argument;
/// clang knows only one of the attributes.
#if defined(__GNUC__) && !defined(__clang__)
#define STRATA_OUT_OF_LINE [[gnu::noinline, gnu::noclone]]
#else
#define STRATA_OUT_OF_LINE [[gnu::noinline]]
#endif

/// Between these, rounding is as the language says, whatever the flags. clang has no macro for the parts of -ffast-math
/// (-funsafe-math-optimizations), with which it would take (x + c) - c for x; g++ has one for that part, see below.
#ifdef __clang__
#define STRATA_EXACT_ROUNDING_BEGIN _Pragma("float_control(precise, on, push)")
#define STRATA_EXACT_ROUNDING_END _Pragma("float_control(pop)")
#else
#define STRATA_EXACT_ROUNDING_BEGIN
#define STRATA_EXACT_ROUNDING_END
#endif

/// Refuses -ffast-math (-Ofast), with which results are wrong: a loss that is not finite goes unnoticed, min and max
/// lose NaN, and exp and expm1 their range reduction. The flags that the sentence names are the part of it that does no
/// harm.
#if defined(__FAST_MATH__) || defined(__ASSOCIATIVE_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error "strata does not work with -ffast-math or -Ofast; use -O3 -fno-math-errno -fno-trapping-math instead"
#endif
