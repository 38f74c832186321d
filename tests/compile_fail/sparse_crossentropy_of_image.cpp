// expect: SparseCategoricalCrossentropy, CategoricalCrossentropy: the model's output must be a row with one value
#include "strata/strata.hpp"

using namespace strata;

#ifdef WRONG
using model = Sequential<Input<8, 8, 3>, Conv2D<10, Softmax>>;
#else
using model = Sequential<Input<8, 8, 3>, Conv2D<10>, GlobalAveragePooling2D<>, Softmax>;
#endif

void train(model& network, const Tensor<float, 4>& x, const Tensor<int, 1>& y) {
    auto training = compile(network, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{});
    training.fit(x, y);
    training.evaluate(x, y);
}
