// expect: MaxPooling2D: an option is given twice
#include "strata/layers/pooling2d.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<8, 8, 1>, MaxPooling2D<Pool<2>, Pool<3>>> model;
#else
Sequential<Input<8, 8, 1>, MaxPooling2D<Pool<2>, Strides<3>>> model;
#endif
