// expect: convolution: Strides above 1 and Dilation above 1 cannot be combined
#include "strata/layers/conv2d.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<9, 9, 1>, Conv2D<6, Strides<2>, Dilation<2>>> model;
#else
Sequential<Input<9, 9, 1>, Conv2D<6, Strides<2>>, Conv2D<6, Kernel<2>, Dilation<2>>> model;
#endif
