// expect: GroupNormalization: the groups must divide the channels
#include "strata/layers/normalization/group_normalization.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4, 4, 48>, GroupNormalization<>> model;
#else
Sequential<Input<4, 4, 64>, GroupNormalization<>> model;
#endif
