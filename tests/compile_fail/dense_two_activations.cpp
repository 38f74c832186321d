// expect: Dense: an option is given twice
#include "strata/layers/activation.hpp"
#include "strata/layers/dense.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4>, Dense<3, Tanh, Softmax>> model;
#else
Sequential<Input<4>, Dense<3, Tanh>, Softmax> model;
#endif
