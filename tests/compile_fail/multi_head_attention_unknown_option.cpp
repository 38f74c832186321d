// expect: MultiHeadAttention: unknown option; it takes ValueUnits, OutputUnits, Causal, AttentionDropout, NoBias
#include "strata/layers/attention/multi_head_attention.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4, 3>, MultiHeadAttention<2, 3, Same>> model;
#else
Sequential<Input<4, 3>, MultiHeadAttention<2, 3, Causal>> model;
#endif
