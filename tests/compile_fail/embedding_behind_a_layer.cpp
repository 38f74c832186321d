// expect: Embedding: it must be the first layer of a network, or of a branch that is: nothing else makes indices that
// are checked
#include "strata/strata.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4>, Dense<3>, Embedding<10, 2>> model;
#else
Sequential<Input<4>, Embedding<10, 2>> model;
#endif

constexpr std::size_t bytes = decltype(model)::inference_workspace;
