// Trains with the TensorBoard callback: tensorboard FOLDER. Prints what TensorBoard has to find: HISTORY in CSV, then
// each weight in a line.
#include <cstdio>
#include <exception>
#include <strata/callbacks/tensorboard.hpp>
#include <strata/strata.hpp>

using namespace strata;

int main(int, char** arguments) try {
    Sequential<Input<2>, Dense<1>> model(3);
    auto x = Tensor<float, 2>::from_shape({10, 2});
    auto y = Tensor<float, 1>::from_shape({10});
    random_stream random(1, 0);
    for (float& value : x) value = static_cast<float>(random.symmetric(1));
    for (std::size_t i = 0; i < 10; ++i) y(i) = x(i, 0) - x(i, 1);
    auto training = compile(model, SGD{.learning_rate = 0.5}, MeanSquaredError{});
    const History history = training.fit(x, y, {.batch_size = 4, .epochs = 3, .validation_split = 0.2, .verbose = 0},
                                         TensorBoard{.log_dir = arguments[1], .histogram_freq = 1, .update_freq = 2});
    std::printf("%s", history.to_csv().c_str());
    for (const float value : model.values()) std::printf("%.9g\n", static_cast<double>(value));
} catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
