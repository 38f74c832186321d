#include "strata/system/parallel.hpp"

#include "support/catch.hpp"
#include "support/small_models.hpp"
#include "support/xtensor.hpp"

#include <cstddef>
#include <thread>
#include <vector>

using namespace strata::authoring;
using test::Classifier;
using test::parameters_of;

namespace {

/// Everything that a run yields, to the last bit.
struct outcome {
    std::vector<float> parameters;
    std::vector<double> numbers;
    std::vector<float> predictions;
};

/// With layers whose gradients are computed for a whole batch.
using Wide = Sequential<Input<6, 6, 1>, Flatten, Dense<112, Tanh>, Dense<101, ReLU>, Dense<3, Softmax>>;
static_assert(lanes<pack<float>> == 1 || Wide::network::operand_offsets<pack<float>>[Wide::network::depth] > 0);

template <class Model> outcome run(std::size_t thread_count, std::size_t batch_size) {
    static const auto data = test::make_images(150), other = test::make_images(90, 2);
    set_threads(thread_count);
    Model model(1);
    auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{});
    const History history = training.fit(
        data.x, data.y, {.batch_size = batch_size, .epochs = 2, .validation_data = {other.x, other.y}, .verbose = 0});
    outcome result{parameters_of(model), {}, {}};
    for (const auto& name : history.names()) {
        result.numbers.insert(result.numbers.end(), history[name].begin(), history[name].end());
    }
    for (const double value : training.evaluate(data.x, data.y, {.verbose = 0})) result.numbers.push_back(value);
    const auto predictions = model.predict(data.x);
    result.predictions.assign(predictions.begin(), predictions.end());
    set_threads(0);
    return result;
}

}  // namespace

TEMPLATE_TEST_CASE("any number of threads gives the same bits", "[threads]", Classifier, Wide) {
    for (const std::size_t batch_size : {1, 7, 32, 100}) {
        const outcome expected = run<TestType>(1, batch_size);
        CHECK(expected.predictions.size() == 450);
        for (const std::size_t thread_count : {2, 3, 8, 64}) {
            INFO(thread_count << " threads, batches of " << batch_size);
            const outcome found = run<TestType>(thread_count, batch_size);
            CHECK((found.parameters == expected.parameters));
            CHECK((found.numbers == expected.numbers));
            CHECK((found.predictions == expected.predictions));
        }
    }
}

// More packs than shards: several packs add up in one shard.
TEST_CASE("any number of threads gives the same bits in large batches", "[threads]") {
    constexpr std::size_t batch_size = (gradient_shards<pack<float>>::max_shards + 9) * lanes<pack<float>>;
    const auto data = test::make_images(batch_size + 50);
    std::vector<std::vector<float>> results;
    for (const std::size_t thread_count : {1, 2, 5}) {
        set_threads(thread_count);
        Classifier model(1);
        compile(model, SGD{.momentum = 0.9}, SparseCategoricalCrossentropy{})
            .fit(data.x, data.y, {.batch_size = batch_size, .verbose = 0});
        results.push_back(parameters_of(model));
    }
    set_threads(0);
    CHECK((results[1] == results[0]));
    CHECK((results[2] == results[0]));
}

TEST_CASE("the seed fixes a run, and another one changes it") {
    const auto data = test::make_images(50);
    const auto train = [&](std::uint64_t model_seed, std::uint64_t fit_seed) {
        Classifier model(model_seed);
        compile(model, Adam{}, SparseCategoricalCrossentropy{})
            .fit(data.x, data.y, {.epochs = 2, .verbose = 0, .seed = fit_seed});
        return parameters_of(model);
    };
    CHECK((train(1, 2) == train(1, 2)));
    CHECK((train(1, 2) != train(1, 3)));
    CHECK((train(1, 2) != train(2, 2)));
}

TEST_CASE("one model answers many threads at the same time", "[threads]") {
    const auto data = test::make_images(100);
    const Classifier model(4);
    const auto expected = model.predict(data.x);
    constexpr std::size_t callers = 8;
    std::vector<int> right(callers, 0);
    std::vector<std::thread> threads;
    for (std::size_t caller = 0; caller < callers; ++caller) {
        threads.emplace_back([&, caller] {
            for (int turn = 0; turn < 10; ++turn) right[caller] += model.predict(data.x) == expected;
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(right == std::vector<int>(callers, 10));
}

TEST_CASE("models train in several threads at the same time", "[threads]") {
    const auto data = test::make_images(60);
    const auto train = [&](std::uint64_t seed) {
        Classifier model(seed);
        compile(model, Adam{}, SparseCategoricalCrossentropy{}).fit(data.x, data.y, {.batch_size = 20, .verbose = 0});
        return parameters_of(model);
    };
    std::vector<std::vector<float>> expected, found(3);
    set_threads(2);
    for (std::uint64_t seed = 0; seed < 3; ++seed) expected.push_back(train(seed));
    std::vector<std::thread> threads;
    for (std::uint64_t seed = 0; seed < 3; ++seed) threads.emplace_back([&, seed] { found[seed] = train(seed); });
    for (std::thread& thread : threads) thread.join();
    set_threads(0);
    CHECK((found == expected));
}

TEST_CASE("models train inside of a user's OpenMP region", "[threads]") {
    set_threads(2);
    const auto data = test::make_images(60);
    const auto train = [&](std::uint64_t seed) {
        Classifier model(seed);
        compile(model, Adam{}, SparseCategoricalCrossentropy{}).fit(data.x, data.y, {.batch_size = 20, .verbose = 0});
        return parameters_of(model);
    };
    std::vector<std::vector<float>> alone, together(4);
    for (std::uint64_t seed = 0; seed < together.size(); ++seed) alone.push_back(train(seed));
#pragma omp parallel for num_threads(4)
    for (std::size_t seed = 0; seed < together.size(); ++seed) together[seed] = train(seed);
    set_threads(0);
    CHECK((together == alone));
}

TEST_CASE("a copy of a model is a model of its own") {
    const auto data = test::make_images(40);
    Classifier model(1);
    const Classifier copy = model;
    const auto before = parameters_of(model);
    compile(model, Adam{}, SparseCategoricalCrossentropy{}).fit(data.x, data.y, {.verbose = 0});
    CHECK((parameters_of(copy) == before));
    CHECK((parameters_of(model) != before));

    std::vector<Classifier> several{copy, model};
    several.push_back(Classifier(9));
    CHECK((several[0].predict(data.x) == copy.predict(data.x)));
    CHECK((several[1].predict(data.x) == model.predict(data.x)));
    several[0] = several[1];
    CHECK((several[0].predict(data.x) == model.predict(data.x)));
}
