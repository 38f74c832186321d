#include "strata/optimizers/optimizer_with.hpp"

#include "strata/layers/dense.hpp"
#include "strata/optimizers/adafactor.hpp"
#include "strata/optimizers/lamb.hpp"
#include "strata/optimizers/schedules.hpp"
#include "support/catch.hpp"
#include "support/small_models.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

using namespace strata::authoring;
using test::parameters_of;

namespace {

/// Its kernels are more than one block, and the gradient of the first is a joint one.
using Net = Sequential<Input<400>, Dense<120, Tanh>, Dense<2>>;

struct random_regression {
    tensor<float, 2> x{std::array<std::size_t, 2>{40, 400}}, y{std::array<std::size_t, 2>{40, 2}};

    random_regression() {
        random_stream random(1, 0);
        for (float& value : x) value = static_cast<float>(random.symmetric(1));
        for (float& value : y) value = static_cast<float>(random.symmetric(5));
    }
};

/// The parameters after training.
template <class Optimizer> std::vector<float> trained(const Optimizer& optimizer, std::size_t epochs = 2) {
    static const random_regression data;
    Net model(3);
    compile(model, optimizer, MeanSquaredError{})
        .fit(data.x, data.y, {.batch_size = 16, .epochs = epochs, .verbose = 0});
    return parameters_of(model);
}

float largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
    float largest = 0;
    for (std::size_t k = 0; k < a.size(); ++k) largest = std::max(largest, std::abs(a[k] - b[k]));
    return largest;
}

}  // namespace

TEST_CASE("OptimizerWith no options is the optimizer alone") {
    const SGD sgd{.learning_rate = 0.02, .momentum = 0.5};
    CHECK((trained(OptimizerWith{sgd, {}}) == trained(sgd)));
}

TEST_CASE("optimizers that see whole tensors give the same bits with any number of threads", "[threads]") {
    const OptimizerWith lamb{Lamb{.learning_rate = 0.01},
                             {.global_clipnorm = 0.5, .use_ema = true, .gradient_accumulation_steps = 2}};
    set_threads(1);
    const auto of_lamb = trained(lamb), of_adafactor = trained(Adafactor{.learning_rate = 0.01});
    for (const std::size_t count : {2, 3}) {
        set_threads(count);
        CHECK((trained(lamb) == of_lamb));
        CHECK((trained(Adafactor{.learning_rate = 0.01}) == of_adafactor));
    }
    set_threads(0);
}

TEST_CASE("fit clips the gradient of each tensor") {
    const random_regression data;
    Net model(3);
    auto training = compile(model, OptimizerWith{SGD{.learning_rate = 0.5}, {.clipnorm = 0.25}}, MeanSquaredError{});
    for (const double limit : {0.25, 0.125}) {
        training.optimizer.clipnorm = limit;
        const auto before = parameters_of(model);
        training.fit(data.x, data.y, {.batch_size = 40, .verbose = 0});
        for (const auto& entry : model.value_table()) {
            double sum = 0;
            for (std::size_t k = entry.offset; k < entry.offset + entry.size; ++k)
                sum += std::pow(double(model.parameters()[k]) - double(before[k]), 2);
            INFO(entry.name);
            CHECK(std::sqrt(sum) == Approx(0.5 * limit).epsilon(1e-4));
        }
    }
}

TEST_CASE("fit follows a schedule, in batches over all calls") {
    const random_regression data;
    const auto rate = [](std::uint64_t step) { return 0.03 / static_cast<double>(1 + step); };
    Net model(3), expected(3);
    auto training = compile(model, SGD{.learning_rate = rate}, MeanSquaredError{});
    auto by_hand = compile(expected, SGD{}, MeanSquaredError{});
    for (std::uint64_t step = 0; step < 4; ++step) {
        by_hand.optimizer.learning_rate = rate(step);
        by_hand.fit(data.x, data.y, {.batch_size = 40, .shuffle = false, .verbose = 0});
    }
    training.fit(data.x, data.y, {.batch_size = 40, .epochs = 3, .shuffle = false, .verbose = 0});
    training.fit(data.x, data.y, {.batch_size = 40, .shuffle = false, .verbose = 0});
    CHECK((parameters_of(model) == parameters_of(expected)));
    training.optimizer.learning_rate = [](std::uint64_t) { return -1; };
    CHECK_THROWS_WITH(training.fit(data.x, data.y, {.verbose = 0}), test::contains("yields -1.0 after 4 steps"));
}

TEST_CASE("fit leaves the average of the parameters, and begins it anew when it is asked for again") {
    const random_regression data;
    const fit_options options{.batch_size = 40, .shuffle = false, .verbose = 0};
    Net model(3), plain(3);
    auto training = compile(model, OptimizerWith{SGD{.learning_rate = 0.02}, {.use_ema = true, .ema_momentum = 0.75}},
                            MeanSquaredError{});
    auto reference = compile(plain, SGD{.learning_rate = 0.02}, MeanSquaredError{});
    training.fit(data.x, data.y, {.batch_size = 40, .epochs = 2, .shuffle = false, .verbose = 0});
    reference.fit(data.x, data.y, options);
    const auto first = parameters_of(plain);
    reference.fit(data.x, data.y, options);
    auto expected = first;
    for (std::size_t k = 0; k < first.size(); ++k) expected[k] = 0.75f * first[k] + 0.25f * plain.parameters()[k];
    CHECK(largest_difference(parameters_of(model), expected) <= 1e-6f);

    training.optimizer.use_ema = false;
    training.fit(data.x, data.y, options);
    plain = model;
    training.optimizer.use_ema = true;
    reference.fit(data.x, data.y, options);
    training.fit(data.x, data.y, options);  // the first step of this average
    CHECK(largest_difference(parameters_of(model), parameters_of(plain)) <= 1e-6f);
}
