// expect: Conv2D: unknown option; it takes Kernel, Strides, Same, Valid, Dilation, Groups
#include "strata/layers/conv2d.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<8, 8, 1>, Conv2D<6, Pool<2>>> model;
#else
Sequential<Input<8, 8, 1>, Conv2D<6, Kernel<2>>> model;
#endif
