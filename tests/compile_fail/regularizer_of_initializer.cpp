// expect: KernelRegularizer, BiasRegularizer and their like: the argument must be a regularizer, such as L2<1e-4>
#include "strata/layers/dense.hpp"
#include "strata/model/sequential.hpp"
#include "strata/regularizers/regularizers.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4>, Dense<3, KernelRegularizer<HeNormal>>> model;
#else
Sequential<Input<4>, Dense<3, KernelRegularizer<L2<1e-4>>>> model;
#endif
