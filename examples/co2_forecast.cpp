/// How does the carbon dioxide in the air change next month? An LSTM reads the changes of the last 24 months, and is
/// compared with the forecast that nothing changes.
///     co2_forecast [SEED]     run where data/ is

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <strata/data.hpp>
#include <strata/strata.hpp>

using namespace strata;

int main(int argc, char** argv) try {
    const std::size_t seed = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1;

    const auto co2 = read_csv("data/co2/monthly.csv").numbers<float>({"co2"});
    constexpr std::size_t window = 24;
    const std::size_t count = co2.shape(0) - 1 - window;
    auto x = Tensor<float, 3>::from_shape({count, window, 1});
    auto y = Tensor<float, 2>::from_shape({count, 1});
    const auto change = [&](std::size_t month) { return co2(month + 1, 0) - co2(month, 0); };
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t t = 0; t < window; ++t) x(i, t, 0) = change(i + t);
        y(i, 0) = change(i + window);
    }
    // The last ten years are to test with.
    const auto [x_train, x_test, y_train, y_test] = train_test_split(x, y, {.test_size = 120, .shuffle = false});

    Sequential<Input<window, 1>, LSTM<8>, Dense<1>> model(seed);
    auto training = compile(model, Adam{.learning_rate = 0.01}, MeanSquaredError{}, RootMeanSquaredError{});
    training.fit(x_train, y_train, {.batch_size = 16, .epochs = 40, .verbose = 0, .seed = seed});

    const auto [loss, rmse] = training.evaluate(x_test, y_test, {.verbose = 0});
    double squares = 0;
    for (const float value : y_test) squares += value * value;
    const double naive = std::sqrt(squares / static_cast<double>(y_test.size()));
    std::printf("rmse %.4f naive %.4f\n", rmse, naive);
    return rmse < naive / 2 ? 0 : 1;
} catch (const std::exception& error) {
    std::fprintf(stderr, "co2_forecast: %s\n", error.what());
    return 1;
}
