// expect: categorical cross-entropy: a single output is a single class; for two classes end with Dense<1, Sigmoid> and
#include "strata/strata.hpp"

using namespace strata;

using model = Sequential<Input<4>, Dense<1, Sigmoid>>;
#ifdef WRONG
using loss = CategoricalCrossentropy;
#else
using loss = BinaryCrossentropy;
#endif

void train(model& network, const Tensor<float, 2>& x, const Tensor<float, 2>& y) {
    compile(network, SGD{}, loss{}).fit(x, y);
}
