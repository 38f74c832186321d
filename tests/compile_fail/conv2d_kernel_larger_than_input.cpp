// expect: convolution: the kernel is larger than the input; use Same or a smaller Kernel
#include "strata/layers/conv2d.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/reshape.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4, 8, 1>, Conv2D<6, Kernel<5>>, Flatten, Dense<3>> model;
#else
Sequential<Input<4, 8, 1>, Conv2D<6, Kernel<5>, Same>, Flatten, Dense<3>> model;
#endif
