// expect: Permute: name each axis of the input once, counted from 1
#include "strata/layers/reshape.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<3, 4, 5>, Permute<1, 1, 2>, Flatten> model;
#else
Sequential<Input<3, 4, 5>, Permute<3, 1, 2>, Flatten> model;
#endif
