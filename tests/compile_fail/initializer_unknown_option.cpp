// expect: RandomNormal and TruncatedNormal: unknown option; they take Mean and Stddev
#include "strata/initializers/initializers.hpp"

using namespace strata;

#ifdef WRONG
constexpr auto draw = RandomNormal::With<Maxval<1>>::draw;
#else
constexpr auto draw = RandomNormal::With<Mean<1>>::draw;
#endif
