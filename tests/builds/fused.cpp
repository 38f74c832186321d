// Whether multiply_add rounds once. Exits with 77 where the instruction set has no fused multiply-add.
#include "strata/simd/pack.hpp"

#include <cmath>
#include <cstddef>
#include <cstdio>

using namespace strata::authoring;

// (1 + e)^2 - (1 + 2 e) is e^2, which the product loses if it is rounded first.
template <class V> bool is_fused(const char* type, scalar_t<V> e) {
    using T = scalar_t<V>;
    volatile T factor = T(1) + e, summand = -(T(1) + 2 * e);  // volatile: computed when the program runs
    const V result = multiply_add(V(T(factor)), V(T(factor)), V(T(summand)));
    bool fused = true;
    for (std::size_t n = 0; n < lanes<V>; ++n) fused = fused && as_lanes(&result)[n] == e * e;
    if (!fused) std::printf("multiply_add of %s with %zu lanes rounds twice\n", type, lanes<V>);
    return fused;
}

int main() {
#if defined(__FMA__) || defined(__AVX512F__) || defined(__aarch64__)
    const bool single = is_fused<pack<float>>("pack<float>", std::ldexp(1.f, -12));
    const bool twice = is_fused<pack<double>>("pack<double>", std::ldexp(1., -27));
    return single && twice ? 0 : 1;
#else
    std::printf("skipped: this instruction set has no fused multiply-add\n");
    return 77;
#endif
}
