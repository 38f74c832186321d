// expect: ReLU: an option is given twice
#include "strata/layers/activation.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4>, ReLU::With<MaxValue<1>, MaxValue<2>>> model;
#else
Sequential<Input<4>, ReLU::With<MaxValue<1>, Threshold<2>>> model;
#endif
