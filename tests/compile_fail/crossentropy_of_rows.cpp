// expect: CategoricalCrossentropy: the model's output must be a row with one value for each class
#include "strata/strata.hpp"

using namespace strata;

#ifdef WRONG
using model = Sequential<Input<4, 2, 3>, Reshape<4, 6>, Dense<10, Softmax>>;
#else
using model = Sequential<Input<4, 2, 3>, Flatten, Dense<10, Softmax>>;
#endif

void train(model& network, const Tensor<float, 4>& x, const Tensor<float, 2>& y) {
    auto training = compile(network, Adam{}, CategoricalCrossentropy{}, Accuracy{});
    training.fit(x, y);
    training.evaluate(x, y);
}
