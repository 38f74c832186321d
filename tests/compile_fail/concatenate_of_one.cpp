// expect: Add, Average, Concatenate, Maximum, Minimum, Multiply, Subtract: give two branches or more
#include "strata/layers/composites.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/merging.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4>, Concatenate<Branch<Dense<2>>>> model;
#else
Sequential<Input<4>, Concatenate<Branch<Dense<2>>, Branch<>>> model;
#endif
