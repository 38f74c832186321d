/// Trains LeNet-5 for two epochs, in float and with products of bfloat16, and shows how long each takes and how good it
/// gets.

#include <chrono>
#include <cstdio>
#include <strata/strata.hpp>
using namespace strata;

// clang-format off
using LeNet5 = Sequential<Input<28, 28, 1>,
    Conv2D<6, Kernel<5>, Same, Tanh>, AveragePooling2D<>,
    Conv2D<16, Kernel<5>, Tanh>, AveragePooling2D<>,
    Flatten, Dense<120, Tanh>, Dense<84, Tanh>, Dense<10, Softmax>>;
// clang-format on
using Mixed = LeNet5::with<mixed_bfloat16>;

template <class Model> void measure(const char* name) {
    static const auto data = mnist::load();
    Model model{1};
    auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{});
    const auto start = std::chrono::steady_clock::now();
    training.fit(data.train.images, data.train.labels, {.batch_size = 32, .epochs = 2, .verbose = 0});
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    const auto [loss, accuracy] = training.evaluate(data.test.images, data.test.labels, {.verbose = 0});
    std::printf("%-14s  %.2f s, test accuracy %.4f\n", name, seconds.count(), accuracy);
}

int main() {
    measure<LeNet5>("float");
    measure<Mixed>("mixed_bfloat16");
}
