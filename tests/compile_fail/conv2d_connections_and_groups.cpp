// expect: convolution: Connections and Groups cannot be combined
#include "strata/strata.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<14, 14, 6>, Conv2D<16, Kernel<5>, Groups<2>, Connections<lenet5_connections>>> model;
#else
Sequential<Input<14, 14, 6>, Conv2D<16, Kernel<5>, Connections<lenet5_connections>>> model;
#endif
