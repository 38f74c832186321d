// expect: GlobalMaxPooling2D: an option is given twice
#include "strata/layers/pooling2d.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<8, 8, 3>, GlobalMaxPooling2D<KeepDims, KeepDims>> model;
#else
Sequential<Input<8, 8, 3>, GlobalMaxPooling2D<KeepDims>> model;
#endif
