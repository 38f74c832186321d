// expect: strata does not work with -ffast-math or -Ofast; use -O3 -fno-math-errno -fno-trapping-math instead
// wrong flags: -Ofast
#include "strata/simd/pack.hpp"

strata::authoring::pack<float> x;
