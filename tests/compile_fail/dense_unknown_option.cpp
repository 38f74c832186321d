// expect: Dense: unknown option; it takes NoBias, an activation, KernelInitializer and BiasInitializer
#include "strata/layers/activation.hpp"
#include "strata/layers/dense.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4>, Dense<3, Same>> model;
#else
Sequential<Input<4>, Dense<3, Tanh>> model;
#endif
