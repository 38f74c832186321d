/// A layer of our own: written as plain loops over one sample, checked against differences, trained at full speed.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <strata/strata.hpp>
#include <string_view>

using namespace strata::authoring;

/// y = x sigmoid(beta x), with a beta for each channel that is learned (Ramachandran, Zoph, Le 2017). Shapes: any.
struct Swish {
    static constexpr std::string_view class_name = "Swish";

    template <class In> struct on {
        using output = In;
        static constexpr std::size_t channels = In::extents[In::rank - 1];
        static constexpr std::array parameters{parameter{"beta", {channels}, Ones::draw}};

        template <class V> static void forward(forward_context<V> c) {
            for (std::size_t i = 0; i < In::size; ++i)
                c.y[i] = c.x[i] / (V(1) + math::exp(V(-c.parameters[i % channels]) * c.x[i]));
        }

        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            for (std::size_t k = 0; k < channels; ++k) {
                V sum(0);
                for (std::size_t i = k; i < In::size; i += channels) {
                    const V gate = V(1) / (V(1) + math::exp(V(-c.parameters[k]) * c.x[i]));
                    const V slope = c.y[i] * (V(1) - gate);  // of y with respect to beta, divided by x
                    sum = multiply_add(c.dy[i] * slope, c.x[i], sum);
                    if constexpr (InputGradient) c.dx[i] = c.dy[i] * (gate + V(c.parameters[k]) * slope);
                }
                c.gradients[k] += sum_lanes(sum);
            }
        }
    };
};

// clang-format off
using WithSwish = Sequential<Input<28, 28, 1>,
    Conv2D<6, Kernel<5>, Same>, Swish, AveragePooling2D<>,
    Conv2D<16, Kernel<5>>, Swish, AveragePooling2D<>,
    Flatten, Dense<120>, Swish, Dense<84>, Swish, Dense<10, Softmax>>;
using WithTanh = Sequential<Input<28, 28, 1>,
    Conv2D<6, Kernel<5>, Same, Tanh>, AveragePooling2D<>,
    Conv2D<16, Kernel<5>, Tanh>, AveragePooling2D<>,
    Flatten, Dense<120, Tanh>, Dense<84, Tanh>, Dense<10, Softmax>>;
// clang-format on

template <class Model> void train_an_epoch(const char* name, const mnist::data_set& data) {
    Model model;
    auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{});
    const auto start = std::chrono::steady_clock::now();
    training.fit(data.train.images, data.train.labels, {.verbose = 0});
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    const auto [loss, accuracy] = training.evaluate(data.test.images, data.test.labels, {.verbose = 0});
    std::printf("%-6s %6zu parameters   an epoch: %5.2f s   test loss %.4f, accuracy %.4f\n", name,
                Model::parameter_count, seconds.count(), loss, accuracy);
}

int main() try {
    const gradient_report report = gradient_check<Input<4, 4, 3>, Swish>();
    if (!report.passed()) {
        std::printf("Swish: %s\n", report.problem.c_str());
        return 1;
    }
    std::printf("Swish: %zu derivatives agree with differences, the largest error is %.1e\n", report.compared,
                report.largest_error);

    const mnist::data_set data = mnist::load();
    train_an_epoch<WithSwish>("Swish", data);
    train_an_epoch<WithTanh>("Tanh", data);
} catch (const std::exception& error) {
    std::fprintf(stderr, "custom_layer: %s\n", error.what());
    return 1;
}
