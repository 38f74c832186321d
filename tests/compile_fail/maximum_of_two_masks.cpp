// expect: Multiply, Maximum, Minimum: the branches must have the same mask; put Masking before them
#include "strata/layers/activation.hpp"
#include "strata/layers/composites.hpp"
#include "strata/layers/masking.hpp"
#include "strata/layers/merging.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4, 2>, Maximum<Branch<Masking<>>, Branch<Masking<>, Tanh>>> model;
#else
Sequential<Input<4, 2>, Masking<>, Maximum<Branch<>, Branch<Tanh>>> model;
#endif
