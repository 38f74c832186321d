// expect: Subtract: it takes two branches
#include "strata/layers/composites.hpp"
#include "strata/layers/merging.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4>, Subtract<Branch<>, Branch<>, Branch<>>> model;
#else
Sequential<Input<4>, Subtract<Branch<>, Branch<>>> model;
#endif
