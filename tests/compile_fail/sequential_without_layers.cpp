// expect: Sequential: give at least one layer after Input
#include "strata/layers/reshape.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<28, 28, 1>> model;
#else
Sequential<Input<28, 28, 1>, Flatten> model;
#endif
