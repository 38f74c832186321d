/// Trains LeNet-5 in float and with products of bfloat16, and shows how long each takes and how good it gets:
///   mixed_precision [SEED [EPOCHS]]     1 and 2, unless given

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <strata/strata.hpp>
using namespace strata;

// clang-format off
using LeNet5 = Sequential<Input<28, 28, 1>,
    Conv2D<6, Kernel<5>, Same, Tanh>, AveragePooling2D<>,
    Conv2D<16, Kernel<5>, Tanh>, AveragePooling2D<>,
    Flatten, Dense<120, Tanh>, Dense<84, Tanh>, Dense<10, Softmax>>;
// clang-format on
using Mixed = LeNet5::with<mixed_bfloat16>;

template <class Model> void measure(const char* name, std::uint64_t seed, std::size_t epochs) {
    static const auto data = mnist::load();
    Model model{seed};
    auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{});
    const auto start = std::chrono::steady_clock::now();
    training.fit(data.train.images, data.train.labels, {.epochs = epochs, .verbose = 0, .seed = seed});
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    const auto [loss, accuracy] = training.evaluate(data.test.images, data.test.labels, {.verbose = 0});
    std::printf("%-14s  %.2f s, test loss %.4f, test accuracy %.4f\n", name, seconds.count(), loss, accuracy);
}

int main(int argc, char** argv) {
    const std::uint64_t seed = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1;
    const std::size_t epochs = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 2;
    measure<LeNet5>("float", seed, epochs);
    measure<Mixed>("mixed_bfloat16", seed, epochs);
}
