// expect: Sequential: an argument after Input is not a layer; options such as Same belong inside of a layer
#include "strata/layers/reshape.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<28, 28, 1>, Input<28, 28, 1>, Flatten> model;
#else
Sequential<Input<28, 28, 1>, Flatten> model;
#endif
