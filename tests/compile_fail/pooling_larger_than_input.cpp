// expect: pooling: the pool is larger than the input; use Same or a smaller Pool
#include "strata/layers/pooling2d.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<2, 8, 1>, MaxPooling2D<Pool<3>>> model;
#else
Sequential<Input<2, 8, 1>, MaxPooling2D<Pool<3>, Same>> model;
#endif
