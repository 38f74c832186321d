// expect: LayerNormalization: unknown option; it takes Epsilon, NoScale
#include "strata/layers/normalization/layer_normalization.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<8>, LayerNormalization<Momentum<0.9>>> model;
#else
Sequential<Input<8>, LayerNormalization<NoScale>> model;
#endif
