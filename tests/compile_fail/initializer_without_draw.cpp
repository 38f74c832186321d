// expect: KernelInitializer, BiasInitializer and their like: the argument must be an initializer, such as HeNormal
#include "strata/layers/activation.hpp"
#include "strata/layers/dense.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4>, Dense<3, KernelInitializer<Tanh>>> model;
#else
Sequential<Input<4>, Dense<3, KernelInitializer<HeNormal>>> model;
#endif
