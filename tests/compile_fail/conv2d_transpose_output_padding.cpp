// expect: transposed convolution: OutputPadding must be less than Strides
#include "strata/layers/conv_transpose.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4, 4, 1>, Conv2DTranspose<2, Strides<2>, OutputPadding<1, 2>>> model;
#else
Sequential<Input<4, 4, 1>, Conv2DTranspose<2, Strides<2>, OutputPadding<1, 1>>> model;
#endif
