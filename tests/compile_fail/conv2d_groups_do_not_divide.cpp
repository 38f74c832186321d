// expect: convolution: the groups must divide both the channels of the input and the filters
#include "strata/layers/conv2d.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<8, 8, 4>, Conv2D<6, Groups<4>>> model;
#else
Sequential<Input<8, 8, 4>, Conv2D<8, Groups<4>>> model;
#endif
