// expect: Reshape: the new shape must hold as many values as the input
#include "strata/layers/reshape.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<28, 28>, Reshape<28, 28, 2>, Flatten> model;
#else
Sequential<Input<28, 28>, Reshape<28, 28, 1>, Flatten> model;
#endif
