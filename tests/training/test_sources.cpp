#include "strata/data/sample_source.hpp"

#include "strata/layers/activation.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/normalization/batch_normalization.hpp"
#include "strata/layers/regularization/dropout.hpp"
#include "strata/layers/rescaling.hpp"
#include "strata/layers/reshape.hpp"
#include "strata/losses/crossentropy.hpp"
#include "strata/losses/regression.hpp"
#include "strata/metrics/accuracy.hpp"
#include "strata/metrics/f1_score.hpp"
#include "strata/model/sequential.hpp"
#include "strata/optimizers/adam.hpp"
#include "strata/optimizers/sgd.hpp"
#include "strata/regularizers/regularizers.hpp"
#include "strata/training/run_file.hpp"
#include "strata/training/trainer.hpp"
#include "support/augmentation.hpp"
#include "support/catch.hpp"
#include "support/death.hpp"
#include "support/files.hpp"
#include "support/small_models.hpp"
#include "support/xtensor.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace strata::authoring;
using test::Brighten;
using test::death;
using test::DieAt;
using test::parameters_of;

namespace {

using SourceNet = Sequential<Input<2, 2, 1>, Flatten, Dense<8, Tanh, KernelRegularizer<L2<0.01>>>, BatchNormalization<>,
                             Dropout<0.3>, Dense<3, Softmax>>;

struct arrays {
    tensor<std::uint8_t, 4> x;
    tensor<std::int32_t, 1> y;
    tensor<double, 1> weights;
};

arrays make_arrays(std::size_t count, std::uint64_t seed = 1) {
    const std::array<std::size_t, 1> row{count};
    arrays data{tensor<std::uint8_t, 4>(std::array<std::size_t, 4>{count, 2, 2, 1}), tensor<std::int32_t, 1>(row),
                tensor<double, 1>(row)};
    random_stream random(seed, 0);
    for (std::uint8_t& value : data.x) value = static_cast<std::uint8_t>(random.below(256));
    for (std::int32_t& value : data.y) value = static_cast<std::int32_t>(random.below(3));
    for (double& value : data.weights) value = random.uniform();
    return data;
}

/// What all sources here have: arrays, and notes of how they are read.
struct copied {
    const arrays& data;
    std::size_t fails_at = ~std::size_t{0};  // this read of all
    std::vector<std::size_t> read_samples{}, epochs{};
    std::atomic<int> readers{0};
    std::chrono::milliseconds pause{0};  // of each read

    std::size_t samples() const { return data.y.size(); }
    template <class X, class Y> void copy(std::size_t sample, std::span<X> x, std::span<Y> y) {
        if (readers.fetch_add(1) != 0) throw std::logic_error("two threads read at a time");
        std::this_thread::sleep_for(pause);
        if (std::count(x.begin(), x.end(), X(0)) != 4 || y[0] != Y(0)) throw std::logic_error("no zeros");
        if (read_samples.size() == fails_at) {
            readers = 0;
            throw std::runtime_error("the disk is gone");
        }
        read_samples.push_back(sample);
        std::copy_n(data.x.data() + 4 * sample, 4, x.begin());
        y[0] = static_cast<Y>(data.y(sample));
        readers.fetch_sub(1);
    }
};

struct Bytes : copied {
    void begin_epoch(std::size_t epoch) { epochs.push_back(epoch); }
    void read(std::size_t sample, std::span<std::uint8_t> x, std::span<std::int32_t> y) { copy(sample, x, y); }
};

/// Values of types that no array has.
struct Others : copied {
    void read(std::size_t sample, std::span<std::int16_t> x, std::span<bool> y) { copy(sample, x, y); }
};

struct WithWeights : copied {
    void read(std::size_t sample, std::span<std::uint8_t> x, std::span<std::int32_t> y, double& weight) {
        copy(sample, x, y);
        weight = data.weights(sample);
    }
};

struct source_outcome {
    std::vector<float> values;
    std::string history;
    bool operator==(const source_outcome&) const = default;
};

/// Trains, on arrays or on a source: fit(training) calls training.fit.
template <class Fit> source_outcome train(std::size_t threads, Fit&& fit) {
    set_threads(threads);
    SourceNet model(3);
    auto training = compile(model, Adam{.learning_rate = 0.02}, SparseCategoricalCrossentropy{}, Accuracy{}, F1Score{});
    const History history = fit(training);
    set_threads(0);
    const auto values = std::as_const(model).values();
    return {{values.begin(), values.end()}, history.to_csv()};
}

}  // namespace

TEST_CASE("a source trains and validates with the bits of arrays, on any number of threads", "[threads]") {
    const arrays data = make_arrays(75), other = make_arrays(66 * lanes<pack<float>> + 3, 2);
    fit_options options{.batch_size = 16, .epochs = 3, .verbose = 0, .seed = 5};
    fit_options with_arrays = options;
    with_arrays.validation_data = {other.x, other.y};
    const source_outcome expected = train(1, [&](auto& training) { return training.fit(data.x, data.y, with_arrays); });
    for (const std::size_t threads : {1, 2, 3}) {
        INFO(threads << " threads");
        Bytes source{data}, validation{other};
        CHECK(train(threads, [&](auto& training) { return training.fit(source, validation, options); }) == expected);
        CHECK((source.epochs == std::vector<std::size_t>{0, 1, 2}));
        REQUIRE(source.read_samples.size() == 3 * 75);  // each sample once an epoch, in another order
        const auto middle = source.read_samples.begin() + 75;
        CHECK_FALSE(std::is_sorted(source.read_samples.begin(), middle));
        CHECK_FALSE(std::equal(source.read_samples.begin(), middle, middle));
        std::sort(source.read_samples.begin(), middle);
        for (std::size_t n = 0; n < 75; ++n) CHECK(source.read_samples[n] == n);
    }
}

TEST_CASE("a source takes the options of fit as arrays do") {
    const arrays data = make_arrays(75);
    for (fit_options options : {fit_options{.validation_split = 0.2}, fit_options{.steps_per_epoch = 3},
                                fit_options{.shuffle = false}, fit_options{.class_weight = {{0, 3.0}, {2, 0.5}}}}) {
        options.batch_size = 16, options.epochs = 2, options.verbose = 0;
        Bytes source{data};
        CHECK(train(2, [&](auto& training) { return training.fit(source, options); }) ==
              train(2, [&](auto& training) { return training.fit(data.x, data.y, options); }));
    }
    fit_options options{.batch_size = 16, .epochs = 2, .verbose = 0};
    WithWeights weighted{data};
    const source_outcome found = train(2, [&](auto& training) { return training.fit(weighted, options); });
    options.sample_weight = data.weights;
    CHECK(found == train(2, [&](auto& training) { return training.fit(data.x, data.y, options); }));

    options.sample_weight = {};
    Others others{data};
    const tensor<float, 4> x = data.x;
    const tensor<std::int32_t, 1> y = xt::minimum(data.y, 1);
    CHECK(train(2, [&](auto& training) { return training.fit(others, options); }) ==
          train(2, [&](auto& training) { return training.fit(x, y, options); }));
}

TEST_CASE("evaluate gives the same bits for a source", "[threads]") {
    SourceNet model(3);
    const auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{}, F1Score{});
    for (const std::size_t count : {std::size_t{1}, 3 * lanes<pack<float>>, 131 * lanes<pack<float>> + 1}) {
        const arrays data = make_arrays(count);
        const auto expected = training.evaluate(data.x, data.y, {.verbose = 0});
        for (const std::size_t threads : {1, 2, 3, 5}) {
            for (const std::size_t batch_size : {1, 50, 1000}) {
                INFO(count << " samples, " << threads << " threads, batches of " << batch_size);
                set_threads(threads);
                Bytes source{data};
                CHECK(training.evaluate(source, {.batch_size = batch_size, .verbose = 0}) == expected);
                CHECK(source.read_samples.size() == count);
            }
        }
    }
    set_threads(0);
}

TEST_CASE("what a source throws comes out, and the model is whole", "[threads]") {
    const arrays data = make_arrays(40);
    for (const std::size_t threads : {1, 2}) {
        for (const std::size_t reads : {0, 7, 8, 20, 39, 41}) {
            INFO(threads << " threads, " << reads << " reads");
            set_threads(threads);
            SourceNet model(3), reference(3);
            auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{}, F1Score{});
            auto expected = compile(reference, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{}, F1Score{});
            Bytes source{{data, reads}};
            const fit_options options{.batch_size = 8, .epochs = 2, .verbose = 0};
            CHECK_THROWS_WITH(training.fit(source, options), "the disk is gone");
            const std::size_t steps = reads / 8;
            CHECK(training.steps() == steps);
            if (steps > 0) expected.fit(data.x, data.y, {.batch_size = 8, .steps_per_epoch = steps, .verbose = 0});
            CHECK(parameters_of(model) == parameters_of(reference));
            source.fails_at = ~std::size_t{0};
            CHECK_NOTHROW(training.fit(source, options));  // and can go on

            Bytes validation{{data, reads}};
            if (reads < 40) CHECK_THROWS_WITH(training.fit(source, validation, options), "the disk is gone");
            validation.read_samples.clear();
            if (reads < 40) CHECK_THROWS_WITH(training.evaluate(validation, {.verbose = 0}), "the disk is gone");
        }
    }
    set_threads(0);
}

namespace {

struct StopAfter {
    std::size_t step;
    void on_train_batch_end(auto& fit, std::size_t batch, const Logs&) { fit.stop_training = batch == step; }
};

}  // namespace

TEST_CASE("nothing reads a source once training on it has ended within an epoch", "[threads]") {
    const arrays data = make_arrays(60);
    Bytes source{data};
    source.pause = std::chrono::milliseconds(2);  // a batch is under way when training ends
    const source_outcome found = train(2, [&](auto& training) {
        const fit_options options{.batch_size = 10, .validation_split = 0.2, .verbose = 0};
        const History history = training.fit(source, options, StopAfter{1});  // validates with the same source
        CHECK(source.readers == 0);
        return history;
    });
    CHECK(found == train(2, [&](auto& training) {
              const fit_options options{.batch_size = 10, .validation_split = 0.2, .verbose = 0};
              return training.fit(data.x, data.y, options, StopAfter{1});
          }));
}

TEST_CASE("samples of a source that do not fit are named, and so are options") {
    arrays data = make_arrays(40);
    data.y(23) = 7;
    SourceNet model(3);
    auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{}, F1Score{});
    Bytes source{data};
    WithWeights weighted{data};
    const std::string sentence =
        "SparseCategoricalCrossentropy: label 7 is not one of 0, ..., 2, the classes of the model (sample 23 of the "
        "source)";
    CHECK_THROWS_WITH(training.fit(source, {.batch_size = 16, .verbose = 0}), sentence);
    CHECK_THROWS_AS(training.fit(source, {.batch_size = 16, .verbose = 0}), value_error);
    CHECK_THROWS_WITH(training.evaluate(source, {.verbose = 0}), sentence);

    const arrays nothing = make_arrays(0);
    Bytes none{nothing};
    CHECK_THROWS_WITH(training.fit(none), "fit: the source has no samples");
    CHECK_THROWS_WITH(training.fit(source, none), "fit: the validation: the source has no samples");
    CHECK_THROWS_WITH(training.evaluate(none), "evaluate: the source has no samples");
    CHECK_THROWS_WITH(training.evaluate(source, {.batch_size = 0}), "evaluate: batch_size must be at least 1");
    CHECK_THROWS_WITH(training.fit(source, {.batch_size = 0}), "fit: batch_size must be at least 1");
    CHECK_THROWS_WITH(training.fit(source, {.sample_weight = data.weights}),
                      test::contains("a source tells the weights"));
    CHECK_THROWS_WITH(training.evaluate(source, {.sample_weight = data.weights}),
                      test::contains("a source tells the weights"));
    CHECK_THROWS_WITH(training.fit(weighted, {.class_weight = {{0, 2.0}}}), test::contains("cannot both be given"));
    CHECK_THROWS_WITH(training.fit(source, source, {.validation_data = {data.x, data.y}}),
                      test::contains("validation_data"));
    CHECK(training.steps() <= 2);
}

TEST_CASE("a run on a source that dies again and again ends with the bits of arrays") {
    const arrays data = make_arrays(40);
    const test::temporary_folder folder;
    const auto fit = [&](auto& training, const std::string& path, std::size_t steps) {
        Bytes source{data};
        return training.fit(source,
                            {.batch_size = 8,
                             .epochs = 3,
                             .validation_split = 0.25,
                             .verbose = 0,
                             .resume = (folder.path() / path).string(),
                             .save_every = 2},
                            DieAt{steps});
    };
    const source_outcome expected = train(1, [&](auto& training) {
        return training.fit(data.x, data.y, {.batch_size = 8, .epochs = 3, .validation_split = 0.25, .verbose = 0},
                            DieAt{1000});
    });
    for (const std::size_t steps : {1, 2, 3, 5}) {
        const std::string path = std::to_string(steps) + ".safetensors";
        for (std::size_t lives = 1;; ++lives) {
            REQUIRE(lives < 20);
            try {
                const source_outcome found =
                    train(1 + lives % 2, [&](auto& training) { return fit(training, path, steps + lives); });
                CHECK(found == expected);
                CHECK(lives > 1);
                break;
            } catch (const death&) {
            }
        }
    }
}

namespace {

/// Images in [0, 1] as an epoch of training sees them.
tensor<float, 4> brightened(tensor<float, 4> x, std::uint64_t seed, std::uint64_t epoch) {
    for (std::size_t n = 0; n < x.shape()[0]; ++n) {
        lane_random<float> random({seed, epoch, {&n, 1}}, 0);
        const float by = random.uniform(0, 1);
        for (std::size_t i = 0; i < 4; ++i) x.data()[4 * n + i] += by;
    }
    return x;
}

}  // namespace

TEST_CASE("augmented samples are changed by their number and the epoch, in training alone", "[threads]") {
    const arrays data = make_arrays(60);
    tensor<float, 4> plain = data.x;
    for (float& value : plain) value *= 1.0f / 255;
    const std::array<tensor<float, 4>, 2> bright{brightened(plain, 9, 0), brightened(plain, 9, 1)};
    const auto options = [&](std::size_t epoch) {
        return fit_options{.batch_size = 16,
                           .epochs = epoch + 1,
                           .initial_epoch = epoch,
                           .validation_data = {plain, data.y},
                           .verbose = 0,
                           .seed = 9};
    };
    const auto two_epochs = [&](std::size_t threads, auto&& fit) {
        std::string log;
        source_outcome result = train(threads, [&](auto& training) {
            log = fit(training, 0).to_csv();
            return fit(training, 1);
        });
        result.history += log;
        return result;
    };
    const source_outcome expected =
        two_epochs(1, [&](auto& training, std::size_t k) { return training.fit(bright[k], data.y, options(k)); });
    for (const std::size_t threads : {1, 2, 3}) {
        INFO(threads << " threads");
        CHECK(two_epochs(threads, [&](auto& training, std::size_t k) {
                  return training.fit(augmented(data.x, augmentation_list{Brighten{}}), data.y, options(k));
              }) == expected);
        Bytes source{data};
        CHECK(two_epochs(threads, [&](auto& training, std::size_t k) {
                  return training.fit(augmented(source, augmentation_list{Brighten{}}), options(k));
              }) == expected);
    }
}

namespace {

/// Notes the largest value that it is shown.
struct Watch {
    float* largest;
    template <class V> void apply(const image_pack<V>& images, lane_random<V>&) const {
        for (std::size_t i = 0; i < images.size.cells(); ++i)
            for (std::size_t n = 0; n < lanes<V>; ++n) *largest = std::max(*largest, as_lanes(&images.cells[i])[n]);
    }
};

}  // namespace

TEST_CASE("an augmentation sees bytes from 0 to 1, where the network takes them as they are, too") {
    const arrays data = make_arrays(40);
    const tensor<float, 1> y = data.y;
    using Raw = Sequential<Input<2, 2, 1>, Rescaling<1.0 / 255>, Flatten, Dense<1>>;
    Raw plain(3), changed(3);
    const fit_options options{.batch_size = 40, .verbose = 0};
    compile(plain, SGD{.learning_rate = 0.1}, MeanSquaredError{}).fit(data.x, y, options);
    float largest = 0;
    set_threads(1);
    compile(changed, SGD{.learning_rate = 0.1}, MeanSquaredError{}).fit(augmented(data.x, Watch{&largest}), y, options);
    set_threads(0);
    CHECK(largest == Approx(*std::max_element(data.x.begin(), data.x.end()) / 255.0));
    for (std::size_t i = 0; i < 5; ++i)
        CHECK(parameters_of(changed)[i] == Approx(parameters_of(plain)[i]).margin(1e-6));
}
