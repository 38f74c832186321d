// expect: GRU: unknown option; it takes ReturnSequences, GoBackwards, ZeroOutputForMask, NoBias, ResetBefore
#include "strata/layers/recurrent/gru.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4, 3>, GRU<3, Kernel<2>>> model;
#else
Sequential<Input<4, 3>, GRU<3>> model;
#endif
