// expect: TimeDistributed: the input must be steps x rest
#include "strata/layers/dense.hpp"
#include "strata/layers/recurrent/time_distributed.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4>, TimeDistributed<Dense<3>>> model;
#else
Sequential<Input<4, 1>, TimeDistributed<Dense<3>>> model;
#endif
