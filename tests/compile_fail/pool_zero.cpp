// expect: Pool: rows and columns must be at least 1
#include "strata/layers/pooling2d.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<8, 8, 1>, MaxPooling2D<Pool<0, 2>>> model;
#else
Sequential<Input<8, 8, 1>, MaxPooling2D<Pool<1, 2>>> model;
#endif
