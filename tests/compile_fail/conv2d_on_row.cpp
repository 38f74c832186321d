// expect: the input of a 2-D layer must be rows x columns x channels; put Reshape before it
#include "strata/layers/conv2d.hpp"
#include "strata/layers/reshape.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<64>, Conv2D<6>> model;
#else
Sequential<Input<64>, Reshape<8, 8, 1>, Conv2D<6>> model;
#endif
