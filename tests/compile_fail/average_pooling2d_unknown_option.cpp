// expect: AveragePooling2D: unknown option; it takes Pool, Strides, Same and Valid
#include "strata/layers/pooling2d.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<8, 8, 1>, AveragePooling2D<Kernel<2>>> model;
#else
Sequential<Input<8, 8, 1>, AveragePooling2D<Pool<2>>> model;
#endif
