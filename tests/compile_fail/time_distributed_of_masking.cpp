// expect: TimeDistributed: the layer must not make a mask; Masking and Embedding take sequences as they are
#include "strata/layers/activation.hpp"
#include "strata/layers/masking.hpp"
#include "strata/layers/recurrent/time_distributed.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4, 2>, TimeDistributed<Masking<>>> model;
#else
Sequential<Input<4, 2>, Masking<>, TimeDistributed<Tanh>> model;
#endif
