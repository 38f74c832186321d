/// How heavy is a penguin? A regression with standardized targets, a learning rate that falls, and L2.
///     penguins [SEED]     run where data/ is

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

    const CsvTable table = read_csv("data/penguins/penguins.csv");
    const auto lengths = table.numbers<float>({"bill_length_mm", "bill_depth_mm", "flipper_length_mm"});
    const auto species = one_hot(table.classes("species").labels, 3), sex = one_hot(table.classes("sex").labels, 2);
    const auto mass = table.numbers<float>({"body_mass_g"});
    auto x = Tensor<float, 2>::from_shape({table.rows(), 8});
    for (std::size_t i = 0; i < table.rows(); ++i) {
        for (std::size_t k = 0; k < 3; ++k) x(i, k) = lengths(i, k), x(i, 3 + k) = species(i, k);
        for (std::size_t k = 0; k < 2; ++k) x(i, 6 + k) = sex(i, k);
    }
    // The last 83 rows are to test with; the file is in an order that was drawn.
    const auto [x_train, x_test, y_train, y_test] = train_test_split(x, mass, {.test_size = 83, .shuffle = false});
    const Standardizer inputs(x_train), outputs(y_train);

    using Net =
        Sequential<Input<8>, Dense<16, ReLU, KernelRegularizer<L2<0.01>>>, Dense<1, KernelRegularizer<L2<0.01>>>>;
    Net model(seed);
    const CosineDecay rate{.initial_learning_rate = 0.01, .decay_steps = 800};
    auto training = compile(model, Adam{.learning_rate = rate}, MeanSquaredError{});
    training.fit(inputs.transform(x_train), outputs.transform(y_train), {.epochs = 100, .verbose = 0, .seed = seed});

    const auto predicted = outputs.inverse_transform(model.predict(inputs.transform(x_test)));
    double squares = 0;
    for (std::size_t i = 0; i < y_test.size(); ++i) squares += std::pow(predicted(i, 0) - y_test(i, 0), 2);
    const double rmse = std::sqrt(squares / static_cast<double>(y_test.size()));
    std::printf("rmse_in_grams %.1f\n", rmse);
    return rmse < 350 ? 0 : 1;
} catch (const std::exception& error) {
    std::fprintf(stderr, "penguins: %s\n", error.what());
    return 1;
}
