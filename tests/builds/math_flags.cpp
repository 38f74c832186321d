// Prints what a few networks predict, and whether a loss that is no number is noticed: the numbers are compared with
// those of a build without flags.
#include "strata/strata.hpp"

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <random>

using namespace strata;

namespace {

template <class Model> void print(const char* name, std::size_t rows, float scale) {
    const Model model(1);
    std::mt19937 random(1);
    tensor<float, 2> x({rows, std::size_t{Model::input::size}});
    for (float& value : x) value = scale * (float(random() % 4096) / 2048 - 1);
    const auto y = model.predict(x);
    std::printf("%s", name);
    for (const float value : y) std::printf(" %.9g", double(value));
    std::printf("\n");
}

}  // namespace

int main() {
    // One row is computed in another way than many.
    for (const std::size_t rows : {1, 9}) {
        print<Sequential<Input<400>, Reshape<20, 20, 1>, Conv2D<4, Kernel<5>, Same, Tanh>, AveragePooling2D<>, Flatten,
                         LayerNormalization<>, Dense<10, GELU>, Softmax>>("convolution", rows, 1);
        print<Sequential<Input<20>, Tanh>>("tanh", rows, 8);
        print<Sequential<Input<20>, GELU>>("gelu", rows, 8);
        print<Sequential<Input<20>, Exponential>>("exponential", rows, 80);
        print<Sequential<Input<20>, LogSoftmax>>("log_softmax", rows, 80);
    }
    print<Sequential<Input<250000>, Reshape<500, 500, 1>, GlobalAveragePooling2D<>>>("mean", 1, 1);

    Sequential<Input<2>, Dense<1>> model(1);
    auto training = compile(model, SGD{.learning_rate = 0.1}, MeanSquaredError{});
    const tensor<float, 2> x{{1, NAN}}, y{{1}};
    try {
        training.fit(x, y, {.verbose = 0});
        std::printf("unnoticed\n");
    } catch (const training_error&) {
        std::printf("noticed\n");
    }
}
