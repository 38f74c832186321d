// expect: PReLU: the shared axes must be axes of the input, counted from 1
#include "strata/layers/prelu.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4, 4, 8>, PReLU<SharedAxes<0, 1>>> model;
#else
Sequential<Input<4, 4, 8>, PReLU<SharedAxes<1, 2>>> model;
#endif
