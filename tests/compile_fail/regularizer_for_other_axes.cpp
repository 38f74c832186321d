// expect: Sequential: an OrthogonalRegularizer is for parameters of two axes, and the Axis of a constraint must be
#include "strata/layers/conv2d.hpp"
#include "strata/layers/dense.hpp"
#include "strata/model/sequential.hpp"
#include "strata/regularizers/orthogonal.hpp"
#include "strata/regularizers/regularizers.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4, 4, 1>, Conv2D<3, KernelRegularizer<OrthogonalRegularizer<>>>> model;
#else
Sequential<Input<4>, Dense<3, KernelRegularizer<OrthogonalRegularizer<>>>> model;
#endif
