// expect: LayerNormalization: an option is given twice
#include "strata/layers/normalization/layer_normalization.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<8>, LayerNormalization<Scale, NoScale>> model;
#else
Sequential<Input<8>, LayerNormalization<NoCenter, NoScale>> model;
#endif
