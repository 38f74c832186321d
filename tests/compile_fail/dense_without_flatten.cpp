// expect: Dense: the input must be a row or rows; put Flatten before it
#include "strata/layers/activation.hpp"
#include "strata/layers/conv2d.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/pooling2d.hpp"
#include "strata/layers/reshape.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<28, 28, 1>, Conv2D<6>, MaxPooling2D<>, Dense<10, Softmax>> model;
#else
Sequential<Input<28, 28, 1>, Conv2D<6>, MaxPooling2D<>, Flatten, Dense<10, Softmax>> model;
#endif
