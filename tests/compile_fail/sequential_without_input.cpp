// expect: Sequential: the first argument must be the shape of one sample, for example Input<28, 28, 1>
#include "strata/layers/conv2d.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/reshape.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Conv2D<6>, Flatten, Dense<10>> model;
#else
Sequential<Input<28, 28, 1>, Conv2D<6>, Flatten, Dense<10>> model;
#endif
