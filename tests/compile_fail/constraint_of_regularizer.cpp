// expect: KernelConstraint, BiasConstraint and their like: the argument must be a constraint, such as MaxNorm<2>
#include "strata/constraints/constraints.hpp"
#include "strata/layers/dense.hpp"
#include "strata/model/sequential.hpp"
#include "strata/regularizers/regularizers.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4>, Dense<3, KernelConstraint<L2<1e-4>>>> model;
#else
Sequential<Input<4>, Dense<3, KernelConstraint<MaxNorm<2>>>> model;
#endif
