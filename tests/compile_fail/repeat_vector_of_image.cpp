// expect: RepeatVector: the input must be a row; put Flatten before it
#include "strata/layers/repeat_vector.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4, 7>, RepeatVector<3>> model;
#else
Sequential<Input<28>, RepeatVector<3>> model;
#endif
