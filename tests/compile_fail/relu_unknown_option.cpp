// expect: ReLU: unknown option; it takes MaxValue, NegativeSlope and Threshold
#include "strata/layers/activation.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4>, ReLU::With<Alpha<1>>> model;
#else
Sequential<Input<4>, ReLU::With<MaxValue<1>>> model;
#endif
