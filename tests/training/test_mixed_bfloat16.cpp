#include "strata/data/mnist.hpp"
#include "strata/losses/crossentropy.hpp"
#include "strata/metrics/accuracy.hpp"
#include "strata/optimizers/adam.hpp"
#include "strata/training/trainer.hpp"

#include "support/catch.hpp"
#include "support/files.hpp"
#include "support/lanes.hpp"
#include "support/lenet5.hpp"
#include "support/small_models.hpp"
#include "support/xtensor.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>

using namespace strata::authoring;
using test::LeNet5;
using test::parameters_of;

namespace {

using Mixed = LeNet5::with<mixed_bfloat16>;

// Values are floats, and LeNet-5 in floats is LeNet-5 itself.
static_assert(std::is_same_v<Mixed::value_type, float> && std::is_same_v<Mixed::precision, mixed_bfloat16>);
static_assert(std::is_same_v<Mixed::with<float>, LeNet5> && Mixed::parameter_count == LeNet5::parameter_count);

template <class Model> auto trainer_of(Model& model) {
    return compile(model, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{});
}

const std::string trained_by_keras = std::string(STRATA_TEST_DATA_DIR) + "/keras/lenet5_trained_by_keras.safetensors";

}  // namespace

TEST_CASE("mixed_bfloat16: LeNet-5 learns MNIST as well as in float", "[slow]") {
    const auto data = mnist::load(STRATA_MNIST_DIR);
    const auto train = data.train.rows(0, 12000);
    const auto learn = [&]<class Model>(Model model) {
        auto training = trainer_of(model);
        const History history = training.fit(train.images, train.labels, {.epochs = 3, .verbose = 0});
        CHECK(history["loss"][2] < 0.5 * history["loss"][0]);
        return training.evaluate(data.test.images, data.test.labels, {.verbose = 0});
    };
    const auto [loss, accuracy] = learn(LeNet5{1});
    const auto [mixed_loss, mixed_accuracy] = learn(Mixed{1});
    CHECK(accuracy > 0.95);
    CHECK(std::abs(mixed_accuracy - accuracy) < 0.01);
    CHECK(std::abs(mixed_loss - loss) < 0.02);
    CHECK((mixed_loss != loss) == rounds_products<pack<mixed_bfloat16>>);
}

TEST_CASE("mixed_bfloat16: parameters are floats, drawn as in float, in files of float") {
    CHECK((parameters_of(Mixed{3}) == parameters_of(LeNet5{3})));
    const test::temporary_folder folder;
    const auto path = folder.path() / "mixed.safetensors";
    Mixed mixed{3};
    mixed.save(path);
    LeNet5 full;
    full.load(path);
    CHECK((parameters_of(full) == parameters_of(Mixed{3})));
    full = LeNet5{4};
    full.save(path);
    mixed.load(path);
    CHECK((parameters_of(mixed) == parameters_of(full)));
}

TEST_CASE("mixed_bfloat16: a network trained in float predicts nearly the same") {
    const auto images = mnist::load(STRATA_MNIST_DIR).test.rows(0, 1000).images;
    LeNet5 full;
    Mixed mixed;
    full.load(trained_by_keras);
    mixed.load(trained_by_keras);
    const auto expected = full.predict(images), found = mixed.predict(images);
    const double difference = test::relative_error(found, expected);
    CHECK(difference < 0.05);
    CHECK((difference > 0) == rounds_products<pack<mixed_bfloat16>>);
}

TEST_CASE("mixed_bfloat16: up to three rows are predicted in full precision") {
    const LeNet5 full{1};
    const Mixed mixed{1};
    for (const std::size_t count : {1, 3}) {
        const auto images = mnist::load(STRATA_MNIST_DIR).test.rows(0, count).images;
        const auto expected = full.predict(images), found = mixed.predict(images);
        CHECK(std::equal(expected.begin(), expected.end(), found.begin(), found.end()));
    }
}

TEST_CASE("mixed_bfloat16: any number of threads gives the same bits", "[threads]") {
    const auto data = test::make_images(150);
    const auto run = [&](std::size_t thread_count) {
        set_threads(thread_count);
        test::Classifier::with<mixed_bfloat16> model(1);
        trainer_of(model).fit(data.x, data.y, {.batch_size = 64, .epochs = 2, .verbose = 0});
        set_threads(0);
        return parameters_of(model);
    };
    const auto expected = run(1);
    for (const std::size_t thread_count : {2, 3, 8}) CHECK((run(thread_count) == expected));
}
