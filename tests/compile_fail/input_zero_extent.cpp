// expect: Input: every extent must be at least 1
#include "strata/layers/reshape.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<28, 0, 1>, Flatten> model;
#else
Sequential<Input<28, 1, 1>, Flatten> model;
#endif
