#include "strata/system/build_advice.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <string>

using namespace strata::authoring::detail;
using enum instruction_set;

TEST_CASE("a program that uses what its machine has gets no advice") {
    for (const instruction_set set :
         {scalar, portable, sse2, sse4, avx, avx2, avx2_fma, avx512, avx512_bf16, zen4, neon}) {
        CHECK(build_advice({.set = set, .optimized = true}, set).empty());
        CHECK(build_advice({.set = avx512, .optimized = true}, std::min(set, avx512)).empty());
        CHECK(build_advice({.set = avx512_bf16, .optimized = true}, std::min(set, avx512)).empty());
        CHECK(build_advice({.set = set, .optimized = true}, portable).empty());
        CHECK(build_advice({.set = scalar, .optimized = true}, set).empty());
    }
}

TEST_CASE("the advice names what is missing and the flags that bring it") {
    CHECK(build_advice({.set = sse2, .optimized = true}, avx512) ==
          "strata: this program is compiled for SSE2, but this machine has AVX-512; "
          "to make it faster compile with -march=native (STRATA_QUIET=1 hides this line)");
    CHECK(build_advice({.set = avx, .optimized = true}, avx2_fma) ==
          "strata: this program is compiled for AVX without FMA, but this machine has AVX2 with FMA; "
          "to make it faster compile with -march=native (STRATA_QUIET=1 hides this line)");
    CHECK(build_advice({.set = avx2_fma, .optimized = false}, avx512) ==
          "strata: this program is compiled without optimization and for AVX2 with FMA, but this machine has AVX-512; "
          "to make it faster compile with -O3 -march=native (STRATA_QUIET=1 hides this line)");
    CHECK(build_advice({.set = sse2, .optimized = false}, sse2) ==
          "strata: this program is compiled without optimization; "
          "to make it faster compile with -O3 (STRATA_QUIET=1 hides this line)");
}
