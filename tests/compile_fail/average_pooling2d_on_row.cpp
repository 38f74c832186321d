// expect: AveragePooling2D: the input must be rows x columns x channels; put Reshape before it
#include "strata/layers/pooling2d.hpp"
#include "strata/layers/reshape.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<64>, AveragePooling2D<>> model;
#else
Sequential<Input<64>, Reshape<8, 8, 1>, AveragePooling2D<>> model;
#endif
