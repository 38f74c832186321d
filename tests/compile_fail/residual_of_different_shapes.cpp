// expect: the branches end in different shapes; give Residual a Shortcut whose layers end in the shape of the others
#include "strata/layers/composites.hpp"
#include "strata/layers/conv2d.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<8, 8, 3>, Residual<Conv2D<4, Same>>> model;
#else
Sequential<Input<8, 8, 3>, Residual<Conv2D<4, Same>, Shortcut<Conv2D<4, Kernel<1>>>>> model;
#endif
