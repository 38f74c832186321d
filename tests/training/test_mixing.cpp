#include "strata/data/augmentation/augmented_source.hpp"
#include "strata/data/augmentation/mixing.hpp"
#include "strata/layers/activation.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/normalization/batch_normalization.hpp"
#include "strata/layers/reshape.hpp"
#include "strata/losses/crossentropy.hpp"
#include "strata/losses/regression.hpp"
#include "strata/metrics/accuracy.hpp"
#include "strata/model/sequential.hpp"
#include "strata/optimizers/sgd.hpp"
#include "strata/training/trainer.hpp"
#include "support/augmentation.hpp"
#include "support/catch.hpp"
#include "support/lanes.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

using namespace strata::authoring;
using test::Brighten;

namespace {

constexpr std::size_t samples = 50, batch_size = 20, pixels = 4, classes = 3;  // the last batch has 10
constexpr std::uint64_t seed = 9;
const MixUp mix_up{.alpha = 0.6};

struct Data {
    tensor<float, 4> x{std::array<std::size_t, 4>{samples, 2, 2, 1}};
    tensor<float, 2> y{std::array<std::size_t, 2>{samples, classes}, 0.0f};
    tensor<double, 1> weights{std::array<std::size_t, 1>{samples}};
};

/// Drawn, with one-hot targets.
Data make_data() {
    Data data;
    random_stream random(1, 0);
    for (float& value : data.x) value = static_cast<float>(random.uniform());
    for (double& value : data.weights) value = random.uniform();
    for (std::size_t n = 0; n < samples; ++n) data.y(n, random.below(classes)) = 1;
    return data;
}

/// What an epoch makes of them, by hand: brightened, and mixed by the formula of MixUp with others of the batch.
Data mixed_by_hand(const Data& data, std::size_t epoch) {
    Data bright = data;
    for (std::size_t n = 0; n < samples; ++n) {
        lane_random<double> random({seed, epoch, {&n, 1}}, 0);
        const double by = random.uniform(0, 1);
        for (std::size_t i = 0; i < pixels; ++i) bright.x.data()[pixels * n + i] += static_cast<float>(by);
    }
    Data mixed = bright;
    const augmentation_list list{Brighten{}, mix_up};
    for (std::size_t n = 0; n < samples; ++n) {
        const augmentation_keys keys{seed, epoch, {&n, 1}};
        const std::size_t first = n / batch_size * batch_size, batch = std::min(batch_size, samples - first);
        const std::size_t other = first + list.draw_others<double>(keys, batch)[0];
        lane_random<double> random(keys, 1);
        const double u = random.uniform(0, 1), share = detail::symmetric_beta(mix_up.alpha, u, random.uniform(0, 1));
        const auto mix = [&](auto& to, const auto& from, std::size_t size) {
            for (std::size_t i = 0; i < size; ++i) {
                const auto own = from.data()[size * n + i], others = from.data()[size * other + i];
                to.data()[size * n + i] = static_cast<std::decay_t<decltype(own)>>(share * own + (1 - share) * others);
            }
        };
        mix(mixed.x, bright.x, pixels);
        mix(mixed.y, bright.y, classes);
        mix(mixed.weights, bright.weights, 1);
    }
    return mixed;
}

struct Source {
    const Data& data;
    std::size_t samples() const { return data.y.shape()[0]; }
    void read(std::size_t n, std::span<float> x, std::span<float> y, double& weight) const {
        std::copy_n(data.x.data() + pixels * n, pixels, x.begin());
        std::copy_n(data.y.data() + classes * n, classes, y.begin());
        weight = data.weights(n);
    }
};

struct mixed_outcome {
    std::vector<double> parameters{}, logged{};
    friend bool operator==(const mixed_outcome&, const mixed_outcome&) = default;
};

/// Two epochs, each by fit(training, options).
template <class Net, class Fit> mixed_outcome train_mixed(std::size_t threads, const Fit& fit) {
    set_threads(threads);
    Net model(3);
    auto training =
        compile(model, SGD{.learning_rate = 0.1}, CategoricalCrossentropy{}, Accuracy{}, MeanSquaredError{});
    mixed_outcome result;
    for (std::size_t epoch = 0; epoch < 2; ++epoch) {
        const History history = fit(training, fit_options{.batch_size = batch_size,
                                                          .epochs = epoch + 1,
                                                          .initial_epoch = epoch,
                                                          .shuffle = false,
                                                          .verbose = 0,
                                                          .seed = seed});
        for (const char* name : {"loss", "accuracy", "mean_squared_error"})
            result.logged.push_back(history[name].back());
    }
    result.parameters.assign(model.parameters().begin(), model.parameters().end());
    set_threads(0);
    return result;
}

/// Compares MixUp with training on samples that were mixed by hand.
template <class Net> void check_mixing() {
    const Data data = make_data();
    const std::array<Data, 2> by_hand{mixed_by_hand(data, 0), mixed_by_hand(data, 1)};
    const mixed_outcome expected = train_mixed<Net>(1, [&](auto& training, fit_options options) {
        const Data& mixed = by_hand[options.initial_epoch];
        options.sample_weight = mixed.weights;
        return training.fit(mixed.x, mixed.y, options);
    });
    const auto mixed_on = [&](std::size_t threads) {
        return train_mixed<Net>(threads, [&](auto& training, fit_options options) {
            options.sample_weight = data.weights;
            return training.fit(augmented(data.x, Brighten{}, mix_up), data.y, options);
        });
    };
    const mixed_outcome found = mixed_on(1);
    CHECK(test::relative_error(found.parameters, expected.parameters) < 1e-6);
    CHECK(test::relative_error(found.logged, expected.logged) < 1e-6);
    CHECK(mixed_on(2) == found);
    CHECK(train_mixed<Net>(2, [&](auto& training, const fit_options& options) {
              return training.fit(augmented(Source{data}, Brighten{}, mix_up), options);
          }) == found);
}

}  // namespace

TEST_CASE("MixUp trains on mixed inputs, targets and weights", "[threads]") {
    check_mixing<Sequential<Input<2, 2, 1>, Flatten, Dense<classes, Softmax>>>();
}

TEST_CASE("MixUp mixes what a network sees that waits for the whole batch", "[threads]") {
    check_mixing<Sequential<Input<2, 2, 1>, Flatten, BatchNormalization<>, Dense<classes, Softmax>>>();
}
