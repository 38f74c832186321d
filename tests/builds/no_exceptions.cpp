/// Trains and predicts, without exceptions and RTTI; then does what its argument names, which is wrong.
#include <strata/strata.hpp>
#ifdef WITH_CHECKPOINT
#include <strata/io/checkpoint.hpp>
#endif
#include <array>
#include <cstddef>
#include <cstdio>
#include <string_view>

using namespace strata;

int main(int argc, char** argv) {
    using Model = Sequential<Input<2>, Dense<8, Tanh>, Dense<1>>;
    Model model;
    set_threads(2);
    Tensor<float, 2> x(std::array<std::size_t, 2>{500, 2}), y(std::array<std::size_t, 2>{500, 1});
    for (std::size_t i = 0; i < 500; ++i) {
        x(i, 0) = float(i) / 500, x(i, 1) = 1 - x(i, 0);
        y(i, 0) = x(i, 0) * 2;
    }
    auto training = compile(model, Adam{.learning_rate = 0.05}, MeanSquaredError{});
    const History history = training.fit(x, y, {.epochs = 5, .verbose = 0});
    const auto [loss] = training.evaluate(x, y, {.verbose = 0});
    const auto of_all = model.predict(x);
    float of_one;
    model.predict(x.data(), &of_one);
    const bool good = loss < history["loss"].front() && std::abs(of_one - of_all(0, 0)) < 1e-5f;
    std::printf("%s\n", good ? "good" : "bad");
    std::fflush(stdout);
    const std::string_view mistake = argc > 1 ? argv[1] : "";
    if (mistake == "shape") model.predict(y);
    if (mistake == "threads") set_threads(100000);
    if (mistake == "loss") {
        x(7, 0) = NAN;
        training.fit(x, y, {.verbose = 0});
    }
#ifdef WITH_CHECKPOINT
    if (mistake == "save") {
        model.save("no_exceptions.safetensors");
        model.load("no_exceptions.safetensors");
        const auto again = model.predict(x);
        std::printf("%s\n", again == of_all ? "loaded" : "other");
    }
    if (mistake == "file") model.load("there_is_none.safetensors");
#endif
}
