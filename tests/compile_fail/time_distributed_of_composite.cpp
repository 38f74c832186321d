// expect: TimeDistributed: the layer must not be made of others
#include "strata/layers/composites.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/recurrent/time_distributed.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4, 3>, TimeDistributed<Chain<Dense<3>>>> model;
#else
Sequential<Input<4, 3>, Chain<TimeDistributed<Dense<3>>>> model;
#endif
