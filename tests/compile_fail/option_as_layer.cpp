// expect: Sequential: an argument after Input is not a layer; options such as Same belong inside of a layer
#include "strata/layers/conv2d.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<28, 28, 1>, Conv2D<6, Kernel<5>>, Same> model;
#else
Sequential<Input<28, 28, 1>, Conv2D<6, Kernel<5>, Same>> model;
#endif
