// expect: MultiHeadAttention: the number of heads must be at least 1
#include "strata/layers/attention/multi_head_attention.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4, 3>, MultiHeadAttention<0, 3>> model;
#else
Sequential<Input<4, 3>, MultiHeadAttention<1, 3>> model;
#endif
