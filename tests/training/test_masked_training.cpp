#include "strata/layers/masking.hpp"

#include "strata/layers/dense.hpp"
#include "strata/layers/recurrent/lstm.hpp"
#include "strata/losses/regression.hpp"
#include "strata/model/sequential.hpp"
#include "strata/optimizers/adam.hpp"
#include "strata/system/parallel.hpp"
#include "strata/training/trainer.hpp"
#include "support/catch.hpp"
#include "support/small_models.hpp"
#include "support/xtensor.hpp"

#include <cmath>
#include <cstddef>
#include <vector>

using namespace strata::authoring;

namespace {

using Memory = Sequential<Input<8, 2>, Masking<>, LSTM<6>, Dense<1>>;

constexpr std::size_t rows = 60;

/// Sequences of 0 to 7 steps, filled up with zeros in front or behind; the target is the last step's first value.
struct sequences {
    xt::xtensor<float, 3> x = xt::zeros<float>({rows, std::size_t{8}, std::size_t{2}});
    xt::xtensor<float, 2> y = xt::zeros<float>({rows, std::size_t{1}});

    sequences() {
        for (std::size_t n = 0; n < rows; ++n) {
            const std::size_t steps = n % 8, first = n % 3 == 0 ? 8 - steps : 0;
            for (std::size_t t = first; t < first + steps; ++t) {
                x(n, t, 0) = float(std::sin(3.7 * double(n * t + n + 1)));
                x(n, t, 1) = 1;
                y(n, 0) = x(n, t, 0);
            }
        }
    }
};

struct masked_outcome {
    std::vector<double> losses;
    std::vector<float> parameters, in_batch, one_by_one;
};

masked_outcome train(std::size_t threads) {
    const sequences data;
    set_threads(threads);
    Memory model(3);
    auto training = compile(model, Adam{.learning_rate = 0.03}, MeanSquaredError{});
    const History history = training.fit(data.x, data.y, {.batch_size = 20, .epochs = 40, .verbose = 0});
    masked_outcome result{history["loss"], test::parameters_of(model), {}, {}};
    const auto all = model.predict(data.x);
    result.in_batch.assign(all.begin(), all.end());
    for (std::size_t n = 0; n < rows; ++n) {
        const xt::xtensor<float, 3> one = xt::view(data.x, xt::range(n, n + 1));
        result.one_by_one.push_back(model.predict(one)(0, 0));
    }
    set_threads(0);
    return result;
}

}  // namespace

TEST_CASE("a model with a mask learns, predicts a row alone as in a batch, and does not depend on threads",
          "[threads]") {
    const masked_outcome found = train(1);
    CHECK(found.losses.back() < found.losses.front() / 4);
    for (std::size_t n = 0; n < rows; ++n)
        CHECK(found.one_by_one[n] == Approx(found.in_batch[n]).epsilon(1e-5).margin(1e-5));
    CHECK(found.in_batch[8] == found.in_batch[0]);  // both have no step, one of them in either place

    const masked_outcome again = train(3);
    CHECK((again.parameters == found.parameters));
    CHECK((again.losses == found.losses));
    CHECK((again.in_batch == found.in_batch));
}
