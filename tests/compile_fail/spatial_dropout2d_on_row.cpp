// expect: SpatialDropout2D: the input must be rows x columns x channels
#include "strata/layers/regularization/dropout.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<8>, SpatialDropout2D<0.5>> model;
#else
Sequential<Input<1, 1, 8>, SpatialDropout2D<0.5>> model;
#endif
