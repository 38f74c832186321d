// expect: Softmax: of a single output it is always 1, and nothing can be learned; for two classes end with Dense<1,
// Sigmoid>
#include "strata/strata.hpp"

using namespace strata;

#ifdef WRONG
using model = Sequential<Input<4>, Dense<1, Softmax>>;
#else
using model = Sequential<Input<4>, Dense<1, Sigmoid>>;
#endif

void train(model& network, const Tensor<float, 2>& x, const Tensor<float, 1>& y) {
    compile(network, Adam{}, BinaryCrossentropy{}, Accuracy{}).fit(x, y);
}
