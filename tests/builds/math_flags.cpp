// Prints what a few functions and a network compute, and whether a loss that is no number is noticed: the numbers are
// compared with those of a build without flags.
#include "strata/strata.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <random>

using namespace strata::authoring;

namespace {

using V = pack<float>;
constexpr std::size_t count = 16 * lanes<V>;

/// Numbers from -scale to scale.
aligned_vector<float> numbers(float scale) {
    std::mt19937 random(1);
    aligned_vector<float> values(count);
    for (float& value : values) value = scale * (float(random() % 4096) / 2048 - 1);
    return values;
}

template <class Values> void print(const char* name, const Values& values) {
    std::printf("%s", name);
    for (const float value : values) std::printf(" %.9g", double(value));
    std::printf("\n");
}

template <class Function> void print_function(const char* name, float scale) {
    aligned_vector<float> z = numbers(scale), y(count);
    kernels::activate<Function, V>(z.data(), count / lanes<V>, y.data());
    print(name, y);
    kernels::activate<Function, float>(z.data(), count, y.data());
    print(name, y);
}

/// Whether fit tells a loss that is no number.
bool notices_nan() {
    Sequential<Input<2>, Dense<1>> model(1);
    auto training = compile(model, SGD{.learning_rate = 0.1}, MeanSquaredError{});
    const Tensor<float, 2> x{{1, NAN}}, y{{1}};
    try {
        training.fit(x, y, {.verbose = 0});
        return false;
    } catch (const training_error&) {
        return true;
    }
}

}  // namespace

int main() {
    print_function<kernels::tanh>("tanh", 8);
    print_function<kernels::tanh_shrink>("tanh_shrink", 1);
    print_function<kernels::gelu>("gelu", 8);
    print_function<kernels::exponential>("exponential", 80);
    print_function<kernels::log_sigmoid>("log_sigmoid", 80);
    aligned_vector<float> z = numbers(80), y(count);
    kernels::softmax_forward<1, count>(z.data(), y.data());
    print("softmax", y);
    print("mean", std::array{kernels::sum_of<1000000>([](std::size_t) { return 0.1f; })});

    // One row is computed in another way than many.
    const Sequential<Input<20, 20, 1>, Conv2D<4, Kernel<5>, Same, Tanh>, AveragePooling2D<>, Flatten,
                     LayerNormalization<>, Dense<10, Softmax>>
        convolution(1);
    for (const std::size_t rows : {1, 9}) {
        Tensor<float, 4> images({rows, 20, 20, 1});
        for (std::size_t i = 0; i < images.size(); ++i) images.data()[i] = float(i * 7919 % 256) / 256;
        print("convolution", convolution.predict(images));
    }
    std::printf(notices_nan() ? "noticed\n" : "unnoticed\n");
}
