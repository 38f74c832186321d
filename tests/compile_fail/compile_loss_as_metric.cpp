// expect: a loss that stands for a metric needs targets of the same shape as the loss itself
#include "strata/strata.hpp"

using namespace strata;

using model = Sequential<Input<4, 2, 3>, Flatten, Dense<10, Softmax>>;

void train(model& network, const Tensor<float, 4>& x, const Tensor<int, 1>& y) {
#ifdef WRONG
    auto training = compile(network, Adam{}, SparseCategoricalCrossentropy{}, MeanSquaredError{});
#else
    auto training = compile(network, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{});
#endif
    training.fit(x, y);
}
