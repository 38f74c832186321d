// expect: GlobalAveragePooling2D: the input must be rows x columns x channels; put Reshape before it
#include "strata/layers/pooling2d.hpp"
#include "strata/layers/reshape.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<8, 8, 3>, Flatten, GlobalAveragePooling2D<>> model;
#else
Sequential<Input<8, 8, 3>, GlobalAveragePooling2D<>> model;
#endif
