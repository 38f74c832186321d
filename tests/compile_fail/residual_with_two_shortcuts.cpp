// expect: Residual: there is one Shortcut at most; put all of its layers into it
#include "strata/strata.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4>, Residual<Dense<4>, Shortcut<Dense<4>>, Shortcut<>>> model;
#else
Sequential<Input<4>, Residual<Dense<4>, Shortcut<Dense<4>>>> model;
#endif
