// expect: Dense: the number of units must be at least 1
#include "strata/layers/dense.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4>, Dense<0>, Dense<2>> model;
#else
Sequential<Input<4>, Dense<1>, Dense<2>> model;
#endif
