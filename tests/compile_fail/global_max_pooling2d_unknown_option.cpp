// expect: GlobalMaxPooling2D: unknown option; it takes KeepDims
#include "strata/layers/pooling2d.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<8, 8, 3>, GlobalMaxPooling2D<Pool<2>>> model;
#else
Sequential<Input<8, 8, 3>, GlobalMaxPooling2D<KeepDims>> model;
#endif
