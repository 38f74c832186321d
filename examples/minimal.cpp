#include <cstdio>
#include <strata/strata.hpp>
using namespace strata;

// clang-format off
using LeNet5 = Sequential<Input<28, 28, 1>,
    Conv2D<6, Kernel<5>, Same, Tanh>, AveragePooling2D<>,
    Conv2D<16, Kernel<5>, Tanh>, AveragePooling2D<>,
    Flatten, Dense<120, Tanh>, Dense<84, Tanh>, Dense<10, Softmax>>;
// clang-format on

int main() {
    auto [train, test] = mnist::load();
    LeNet5 model;
    model.summary();

    auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{});
    training.fit(train.images, train.labels, {.batch_size = 32, .epochs = 5});
    auto [loss, accuracy] = training.evaluate(test.images, test.labels);

    auto probabilities = model.predict(test.images);  // (10000, 10)
    std::printf("test accuracy %.4f; image 0 is a 7 with probability %.4f\n", accuracy, probabilities(0, 7));
}
