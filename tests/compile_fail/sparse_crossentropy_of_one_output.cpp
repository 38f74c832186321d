// expect: categorical cross-entropy: a single output is a single class; for two classes end with Dense<1, Sigmoid> and
#include "strata/strata.hpp"

using namespace strata;

using model = Sequential<Input<4>, Dense<1, Sigmoid>>;
#ifdef WRONG
using loss = SparseCategoricalCrossentropy;
#else
using loss = BinaryCrossentropy;
#endif

void train(model& network, const Tensor<float, 2>& x, const Tensor<int, 1>& y) {
    auto training = compile(network, Adam{}, loss{}, Accuracy{});
    training.fit(x, y);
}
