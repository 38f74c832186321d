// expect: compile: the model must not be const, since training changes it
#include "strata/strata.hpp"

using namespace strata;

#ifdef WRONG
const Sequential<Input<4>, Dense<2>> model;
#else
Sequential<Input<4>, Dense<2>> model;
#endif

auto training = compile(model, SGD{}, MeanSquaredError{});
