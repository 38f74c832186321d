// expect: SparseCategoricalCrossentropy, CategoricalCrossentropy: a single output is a single class; for two classes
#include "strata/strata.hpp"

using namespace strata;

#ifdef WRONG
using model = Sequential<Input<4>, Dense<1, Sigmoid>>;
#else
using model = Sequential<Input<4>, Dense<2, Softmax>>;
#endif

void train(model& network, const Tensor<float, 2>& x, const Tensor<int, 1>& y) {
    auto training = compile(network, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{});
    training.fit(x, y);
}
