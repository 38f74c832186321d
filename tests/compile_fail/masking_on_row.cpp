// expect: Masking: the input must be steps x inputs; put Reshape<steps, inputs> before it
#include "strata/layers/masking.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4>, Masking<>> model;
#else
Sequential<Input<4, 1>, Masking<>> model;
#endif
