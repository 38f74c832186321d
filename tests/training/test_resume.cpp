#include "strata/training/run_file.hpp"

#include "strata/callbacks/csv_logger.hpp"
#include "strata/callbacks/early_stopping.hpp"
#include "strata/callbacks/learning_rate.hpp"
#include "strata/io/checkpoint.hpp"
#include "strata/layers/activation.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/normalization/batch_normalization.hpp"
#include "strata/layers/regularization/dropout.hpp"
#include "strata/losses/regression.hpp"
#include "strata/metrics/regression.hpp"
#include "strata/model/sequential.hpp"
#include "strata/optimizers/adam.hpp"
#include "strata/optimizers/optimizer_with.hpp"
#include "strata/training/trainer.hpp"
#include "support/catch.hpp"
#include "support/death.hpp"
#include "support/files.hpp"
#include "support/small_models.hpp"
#include "support/xtensor.hpp"

#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace strata::authoring;
using test::death;
using test::DieAt;
using test::parameters_of;

namespace {

using ResumedNet = Sequential<Input<3>, Dense<8, Tanh>, BatchNormalization<>, Dropout<0.3>, Dense<1>>;

const xt::xtensor<float, 2>& run_inputs() {
    static const xt::xtensor<float, 2> x = xt::sin(xt::arange<float>(60).reshape({20, 3}) * 7);
    return x;
}
const xt::xtensor<float, 2>& run_targets() {
    static const xt::xtensor<float, 2> y = xt::cos(xt::arange<float>(20).reshape({20, 1}) * 3);
    return y;
}

struct run_end {
    std::vector<float> values;
    std::string history, log;
    bool operator==(const run_end&) const = default;
};

/// One process: trains until it dies or ends, and says whether it ended.
bool live(const std::filesystem::path& folder, std::size_t steps, std::size_t threads, run_end& end) {
    set_threads(threads);
    ResumedNet model(3);
    auto training = compile(
        model,
        OptimizerWith{Adam{.learning_rate = 0.02},
                      {.clipnorm = 0.5, .use_ema = true, .ema_momentum = 0.8, .gradient_accumulation_steps = 2}},
        MeanSquaredError{}, R2Score{});
    const fit_options options{.batch_size = 6,
                              .epochs = 5,
                              .validation_split = 0.25,
                              .verbose = 0,
                              .resume = (folder / "run.safetensors").string(),
                              .save_every = 2};
    try {
        const History history = training.fit(
            run_inputs(), run_targets(), options, DieAt{steps},
            EarlyStopping{.monitor = "loss", .patience = 3, .restore_best_weights = true},
            ReduceLROnPlateau{.factor = 0.5, .patience = 1, .min_delta = 1}, CSVLogger{folder / "log.csv", ',', true},
            LearningRateScheduler{[](std::size_t, double rate) { return rate * 0.9; }});
        const auto values = std::as_const(model).values();
        end = {{values.begin(), values.end()}, history.to_csv(), test::contents(folder / "log.csv")};
    } catch (const death&) {
        return false;
    }
    set_threads(0);
    return true;
}

void write(const std::filesystem::path& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

}  // namespace

TEST_CASE("a run that dies again and again ends with the same bits as one that lives") {
    const test::temporary_folder whole;
    run_end expected;
    write(whole.path() / "log.csv", "before\r\n");
    REQUIRE(live(whole.path(), 1000, 1, expected));
    run_end again;
    REQUIRE(live(whole.path(), 1000, 1, again));  // at its end it stays
    CHECK(again.values == expected.values);
    CHECK(again.history == expected.history);

    for (const std::size_t steps : {0, 1, 2, 3, 4, 5, 7}) {
        INFO(steps << " steps at a time");
        const test::temporary_folder folder;
        write(folder.path() / "log.csv", "before\r\n");
        run_end found;
        std::size_t lives = 1;
        while (!live(folder.path(), steps + lives, 1 + lives % 2, found)) ++lives;
        CHECK((lives > 1 || steps > 20));
        CHECK(found.values == expected.values);
        CHECK(found.history == expected.history);
        CHECK(found.log == expected.log);
    }
}

TEST_CASE("files that are no run of this training are refused, and change nothing") {
    const test::temporary_folder folder;
    const std::string path = (folder.path() / "run.safetensors").string();
    test::Line model(5), other(6);
    auto training = compile(model, Adam{}, MeanSquaredError{});
    const xt::xtensor<float, 2> x{{1, 2}, {-1, 0.5f}, {0, 1}}, y{{1}, {0}, {2}};
    training.fit(x, y, {.epochs = 2, .verbose = 0, .resume = path});
    const std::string good = test::contents(path);
    const auto refused = [&](const fit_options& options, const char* why) {
        auto next = compile(other, Adam{}, MeanSquaredError{});
        const auto before = parameters_of(other);
        CHECK_THROWS_WITH(next.fit(x, y, options), Catch::Contains(why));
        CHECK(parameters_of(other) == before);
        CHECK(next.steps() == 0);
    };
    refused({.batch_size = 2, .epochs = 3, .verbose = 0, .resume = path},
            "the run was begun with fit/batch_size = 32, now it is 2");
    refused({.epochs = 3, .verbose = 0, .seed = 1, .resume = path}, "fit/seed = 0, now it is 1");

    ResumedNet larger(1);
    auto of_larger = compile(larger, Adam{}, MeanSquaredError{});
    CHECK_THROWS_WITH(of_larger.load(path), Catch::Contains("not a run of this training: optimizer/slot_0"));
    auto by_sgd = compile(other, OptimizerWith<SGD>{}, MeanSquaredError{});
    CHECK_THROWS_WITH(by_sgd.load(path),
                      Catch::Contains("the run was begun with optimizer/type = Adam, now it is OptimizerWith<SGD>"));

    write(path, good.substr(0, good.size() - 1));
    refused({.epochs = 3, .verbose = 0, .resume = path}, "run.safetensors");
    std::string newer = good;
    newer.replace(newer.find("\"strata_run\":\"1\""), 16, "\"strata_run\":\"9\"");
    write(path, newer);
    refused({.epochs = 3, .verbose = 0, .resume = path}, "a run of the format 9, this version of strata reads 1");
    write_safetensors(path, {});
    refused({.epochs = 3, .verbose = 0, .resume = path}, "not a run of training, but another safetensors file");

    CHECK_THROWS_AS(training.fit(x, y, {.epochs = 3, .verbose = 0, .resume = "/proc/no/run.safetensors"}), file_error);
}

TEST_CASE("a trainer that is saved goes on in another one") {
    const test::temporary_folder folder;
    const std::string path = (folder.path() / "run.safetensors").string();
    const xt::xtensor<float, 2> x{{1, 2}, {-1, 0.5f}, {0, 1}}, y{{1}, {0}, {2}};
    test::Line model(5), other(6);
    auto one = compile(model, Adam{.learning_rate = 0.1}, MeanSquaredError{});
    auto two = compile(other, Adam{}, MeanSquaredError{});
    one.fit(x, y, {.batch_size = 2, .epochs = 3, .verbose = 0});
    one.save(path);
    two.load(path);
    CHECK(static_cast<double>(two.optimizer.learning_rate) == 0.1);
    CHECK(two.steps() == one.steps());
    one.fit(x, y, {.batch_size = 2, .epochs = 2, .verbose = 0});
    two.fit(x, y, {.batch_size = 2, .epochs = 2, .verbose = 0});
    CHECK(parameters_of(model) == parameters_of(other));
}

// tests/data/compat/README.md says how the files were written.
TEST_CASE("files of all versions are loaded") {
    const std::string data = STRATA_TEST_DATA_DIR "/compat/";
    ResumedNet model(9);
    model.load(data + "model_1.safetensors");  // which verifies its self-test
    CHECK(parameters_of(model) == parameters_of(ResumedNet(3)));
    CHECK(load_class_names(data + "model_1.safetensors") == std::vector<std::string>{"one"});
    CHECK(safetensors_file::read(data + "model_1.safetensors").metadata().at("network") == model_text<ResumedNet>());

    const test::temporary_folder folder;
    const auto run = folder.path() / "run.safetensors";
    std::filesystem::copy_file(data + "run_1.safetensors", run);
    test::Line line(6);
    auto training = compile(line, Adam{}, MeanSquaredError{});
    training.load(run.string());
    CHECK(training.steps() == 6);
    const auto file = safetensors_file::read(run);
    CHECK(std::as_const(line).weights("dense/kernel")(1, 0) == file.values<float>("model/dense/kernel")[1]);
    const xt::xtensor<float, 2> x{{1, 2}, {-1, 0.5f}, {0, 1}}, y{{1}, {0}, {2}};
    const History history = training.fit(x, y, {.batch_size = 2, .epochs = 5, .verbose = 0, .resume = run.string()});
    CHECK(history.epoch() == std::vector<std::size_t>{0, 1, 2, 3, 4});
    CHECK(training.steps() == 10);
}

TEST_CASE("a run goes on with the same augmentation, or with none") {
    const std::string flips = "augmentation_list<RandomFlip>", none;
    const auto refused = [](const std::string& before, const std::string& now, const char* why) {
        run_archive saved;
        detail::require_same_run(saved, {}, 10, before);
        run_archive loaded(saved.entries(), "run.safetensors");
        if (why == nullptr)
            CHECK_NOTHROW(detail::require_same_run(loaded, {}, 10, now));
        else
            CHECK_THROWS_WITH(detail::require_same_run(loaded, {}, 10, now), Catch::Contains(why));
    };
    refused(flips, flips, nullptr);
    refused(none, none, nullptr);
    refused(flips, none, "begun with fit/augmentation = augmentation_list<RandomFlip>, now it is none");
    refused(none, flips, "begun with fit/augmentation = none, now it is augmentation_list<RandomFlip>");
    refused(flips, "augmentation_list<RandomCrop>", "now it is augmentation_list<RandomCrop>");
}
