// expect: the input of a 1-D layer must be steps x channels; put Reshape before it
#include "strata/layers/pooling1d.hpp"
#include "strata/layers/reshape.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<8, 8, 2>, MaxPooling1D<>> model;
#else
Sequential<Input<8, 8, 2>, Reshape<64, 2>, MaxPooling1D<>> model;
#endif
