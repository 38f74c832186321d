// expect: convolution: an option is given twice
#include "strata/layers/conv2d.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<8, 8, 1>, Conv2D<6, Same, Kernel<3>, Valid>> model;
#else
Sequential<Input<8, 8, 1>, Conv2D<6, Same, Kernel<3>>> model;
#endif
