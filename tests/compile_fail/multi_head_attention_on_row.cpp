// expect: MultiHeadAttention: the input must be steps x inputs; put Reshape<steps, inputs> before it
#include "strata/layers/attention/multi_head_attention.hpp"
#include "strata/layers/reshape.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<12>, MultiHeadAttention<2, 3>> model;
#else
Sequential<Input<12>, Reshape<4, 3>, MultiHeadAttention<2, 3>> model;
#endif
