// expect: Input: give the shape of one sample, for example Input<28, 28, 1>
#include "strata/layers/dense.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<>, Dense<3>> model;
#else
Sequential<Input<4>, Dense<3>> model;
#endif
