// expect: BatchNormalization: it cannot leave masked steps out of its statistics; take
#include "strata/layers/masking.hpp"
#include "strata/layers/normalization/batch_normalization.hpp"
#include "strata/layers/normalization/layer_normalization.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4, 2>, Masking<>, BatchNormalization<>> model;
#else
Sequential<Input<4, 2>, Masking<>, LayerNormalization<>> model;
#endif
