// expect: Dropout: the rate must lie in [0, 1)
#include "strata/layers/regularization/dropout.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<8>, Dropout<1>> model;
#else
Sequential<Input<8>, Dropout<0.99>> model;
#endif
