// expect: Embedding: the number of rows must be at least 1
#include "strata/layers/embedding.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4>, Embedding<0, 3>> model;
#else
Sequential<Input<4>, Embedding<1, 3>> model;
#endif
