// expect: RMSNormalization: unknown option
#include "strata/layers/normalization/layer_normalization.hpp"
#include "strata/layers/normalization/rms_normalization.hpp"
#include "strata/model/sequential.hpp"
#include "strata/regularizers/regularizers.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4>, RMSNormalization<GammaRegularizer<L1<>>>> model;
#else
Sequential<Input<4>, LayerNormalization<GammaRegularizer<L1<>>>> model;
#endif
