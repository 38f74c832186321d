// expect: convolution: the number of filters must be at least 1
#include "strata/layers/conv2d.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<8, 8, 1>, Conv2D<0>> model;
#else
Sequential<Input<8, 8, 1>, Conv2D<1>> model;
#endif
