// expect: NegativeSlope: must not be negative
#include "strata/layers/activation.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4>, LeakyReLU::With<NegativeSlope<-1>>> model;
#else
Sequential<Input<4>, LeakyReLU::With<NegativeSlope<1>>> model;
#endif
