// expect: GLU: the last axis of the input must have an even extent
#include "strata/layers/glu.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4, 7>, GLU> model;
#else
Sequential<Input<7, 4>, GLU> model;
#endif
