// expect: Sequential: the precision must be float, double or mixed_bfloat16
#include "strata/layers/dense.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4>, Dense<2>>::with<int> model;
#else
Sequential<Input<4>, Dense<2>>::with<double> model;
#endif
