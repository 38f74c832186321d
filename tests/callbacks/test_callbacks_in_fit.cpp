#include "strata/training/callback.hpp"

#include "strata/callbacks/csv_logger.hpp"
#include "strata/callbacks/early_stopping.hpp"
#include "strata/callbacks/formatted_path.hpp"
#include "strata/callbacks/learning_rate.hpp"
#include "strata/callbacks/model_checkpoint.hpp"
#include "strata/callbacks/simple.hpp"
#include "strata/io/checkpoint.hpp"
#include "strata/losses/regression.hpp"
#include "strata/metrics/regression.hpp"
#include "strata/optimizers/sgd.hpp"
#include "strata/system/interrupt.hpp"
#include "strata/training/fit_data.hpp"
#include "strata/training/trainer.hpp"
#include "support/catch.hpp"
#include "support/files.hpp"
#include "support/small_models.hpp"
#include "support/xtensor.hpp"

#include <array>
#include <cmath>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

using namespace strata::authoring;
using test::Line;
using test::parameters_of;

namespace {

const xt::xtensor<double, 2> inputs{{1, 2}, {-1, 0.5}, {0, 1}, {2, -1}, {0.5, 0.5}, {1, -2}, {-1, -1}, {2, 2}};
const xt::xtensor<double, 2> targets{{1}, {0}, {2}, {-1}, {0.5}, {3}, {1}, {0}};

auto training_of(Line& model) { return compile(model, SGD{.learning_rate = 0.05}, MeanSquaredError{}, R2Score{}); }

}  // namespace

TEST_CASE("a training with all callbacks leaves what it is meant to") {
    const test::temporary_folder folder;
    const auto path = [&](const char* name) { return (folder.path() / name).string(); };
    Line model(5);
    auto training = training_of(model);
    EarlyStopping stop{.monitor = "loss", .patience = 3, .mode = Mode::Max, .restore_best_weights = true};
    ModelCheckpoint every{.filepath = path("new/{epoch:02d}-{val_loss:.4f}.safetensors")};
    ModelCheckpoint best{
        .filepath = path("best.safetensors"), .monitor = "score", .save_best_only = true, .mode = Mode::Max};
    std::vector<std::vector<float>> after_epochs;
    std::size_t begins = 0;
    const History history = training.fit(
        inputs, targets, {.batch_size = 3, .epochs = 10, .validation_split = 0.25, .verbose = 0}, stop, every,
        LambdaCallback{.on_epoch_end =
                           [](std::size_t epoch, Logs& logs) {
                               logs.set("score", std::array{1.0, 3.0, 2.0, 2.5}[epoch]);
                           }},
        best,
        LearningRateScheduler{.schedule = [](std::size_t epoch, double rate) { return epoch == 1 ? rate / 2 : rate; }},
        CSVLogger{.filename = path("log.csv")},
        LambdaCallback{.on_epoch_begin = [&](std::size_t) { ++begins; },
                       .on_epoch_end = [&](std::size_t, Logs&) { after_epochs.push_back(parameters_of(model)); }});

    // The loss falls, so that for Mode::Max the first epoch is the best.
    REQUIRE(history.epoch().size() == 4);
    CHECK(begins == 4);
    CHECK(stop.stopped_epoch == 3);
    CHECK(stop.best_epoch == 0);
    CHECK(parameters_of(model) == after_epochs[0]);
    CHECK(after_epochs[0] != after_epochs[3]);

    CHECK(history["learning_rate"] == std::vector{0.05, 0.025, 0.025, 0.025});
    CHECK(test::contents(path("log.csv")) == history.to_csv());
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path() / "new"), {}) == 4);
    Line loaded(1);
    load_checkpoint(loaded, detail::formatted_path(every.filepath, 3, Logs({{"val_loss", history["val_loss"][3]}})));
    CHECK(parameters_of(loaded) == after_epochs[3]);
    load_checkpoint(loaded, best.filepath);
    CHECK(parameters_of(loaded) == after_epochs[1]);
    CHECK(history["score"].size() == 4);
}

TEST_CASE("options of fit choose what is trained on and evaluated, as given by hand") {
    const xt::xtensor<double, 2> first{{1, 2}, {-1, 0.5}, {0, 1}, {2, -1}, {0.5, 0.5}, {1, -2}};
    const xt::xtensor<double, 2> first_targets{{1}, {0}, {2}, {-1}, {0.5}, {3}}, last{{-1, -1}, {2, 2}},
        last_targets{{1}, {0}};
    Line split(5), by_hand(5);
    auto one = training_of(split);
    auto two = training_of(by_hand);
    const History a = one.fit(
        inputs, targets, {.batch_size = 3, .epochs = 4, .validation_split = 0.25, .validation_freq = 2, .verbose = 0});
    const History b = two.fit(first, first_targets,
                              {.batch_size = 3, .epochs = 4, .validation_data = {last, last_targets}, .verbose = 0});
    CHECK(parameters_of(split) == parameters_of(by_hand));
    CHECK(a["loss"] == b["loss"]);
    CHECK(a["val_loss"] == std::vector{b["val_loss"][1], b["val_loss"][3]});

    const xt::xtensor<double, 1> weights{1, 3, 1, 1, 1, 1, 1, 3};
    one.fit(inputs, targets, {.batch_size = 3, .class_weight = {{0, 3.0}}, .verbose = 0});
    two.fit(inputs, targets, {.batch_size = 3, .sample_weight = weights, .verbose = 0});
    CHECK(parameters_of(split) == parameters_of(by_hand));

    const auto steps = one.steps();
    one.fit(inputs, targets, {.batch_size = 3, .epochs = 3, .steps_per_epoch = 2, .verbose = 0});
    CHECK(one.steps() == steps + 6);
}

TEST_CASE("options of fit that make no sense are refused") {
    Line model(5);
    auto training = training_of(model);
    const auto fit = [&](const fit_options& options) { training.fit(inputs, targets, options); };
    CHECK_THROWS_WITH(fit({.validation_split = 1}), "fit: validation_split must lie in [0, 1)");
    CHECK_THROWS_WITH(fit({.validation_split = -0.1}), "fit: validation_split must lie in [0, 1)");
    CHECK_THROWS_WITH(fit({.validation_split = 0.9}), "fit: validation_split 0.9 of 8 samples leaves none to train on");
    CHECK_THROWS_WITH(fit({.validation_freq = 0}), "fit: validation_freq must be at least 1");
    CHECK_THROWS_WITH(fit({.sample_weight = xt::ones<double>({8}), .class_weight = {{0, 2.0}}}),
                      "fit: class_weight and sample_weight cannot both be given; multiply them yourself");
    const fit_options weighted{.class_weight = {{1, 2.0}}};
    CHECK_THROWS_WITH(
        detail::fit_data(inputs, targets, weighted, false),
        "fit: class_weight: the model's output has several rows, and so has a sample several classes; give "
        "sample_weight in its place");
    CHECK_THROWS_WITH(fit({.class_weight = {{1, -2.0}}}),
                      "fit: class_weight: the weight of class 1 is not a finite number, 0 or more");
}

TEST_CASE("callbacks that ask for what there is not are refused") {
    Line model(5);
    auto training = training_of(model);
    CHECK_THROWS_WITH(training.fit(inputs, targets, {.verbose = 0}, EarlyStopping{.monitor = "val_los"}),
                      "EarlyStopping: monitor is \"val_los\", but an epoch measures loss, r2_score");
    CHECK_THROWS_WITH(training.fit(inputs, targets, {.verbose = 0}, EarlyStopping{}),
                      "EarlyStopping: monitor is \"val_loss\", but fit has no validation; give it validation_data or "
                      "validation_split, or monitor \"loss\"");
    Logs logs({{"loss", 0.5}, {"close", 1}});
    const std::vector<metric_info> metrics{{"close"}};
    CHECK_THROWS_WITH(detail::larger_is_better("EarlyStopping", "close", Mode::Auto, metrics),
                      "EarlyStopping: it is not known whether close is better when it is larger or when it is smaller; "
                      "say .mode = Mode::Max or .mode = Mode::Min");
    CHECK_THROWS_WITH(logs["lost"], "nothing was measured under the name \"lost\"; there is loss, close");
}

TEST_CASE("a loss that is no number ends training with TerminateOnNaN, and the model is as before the step") {
    Line model(5);
    auto training = training_of(model);
    const auto before = parameters_of(model);
    const xt::xtensor<double, 2> bad{{1}, {0}, {NAN}, {-1}, {0.5}, {3}, {1}, {0}};
    CHECK_THROWS_AS(training.fit(inputs, bad, {.batch_size = 8, .epochs = 3, .verbose = 0}), training_error);
    const History history = training.fit(inputs, bad, {.batch_size = 8, .epochs = 3, .verbose = 0}, TerminateOnNaN{});
    CHECK(history.epoch().size() == 1);
    CHECK(std::isnan(history["loss"][0]));
    CHECK(parameters_of(model) == before);
}

TEST_CASE("Ctrl-C ends training after the step") {
    Line model(5);
    auto training = training_of(model);
    std::size_t steps = 0;
    LambdaCallback interrupt{.on_train_batch_begin = [&](std::size_t step) {
        ++steps;
        if (step == 1) std::raise(SIGINT);
    }};
    const fit_options options{.batch_size = 2, .epochs = 3, .verbose = 0};

    const auto of_catch = std::signal(SIGINT, SIG_DFL);
    const auto history = training.fit(inputs, targets, options, interrupt);
    CHECK(steps == 2);
    CHECK(training.steps() == 2);
    CHECK(history.epoch().size() == 1);

    // It is noticed once: the next one ends the program.
    {
        const interrupt_watch watch;
        CHECK_FALSE(watch.was_interrupted());
        CHECK(std::signal(SIGINT, SIG_DFL) == SIG_DFL);
    }

    // A program's own handler stays, during training and after it.
    static int noticed = 0;
    const auto own = [](int) { ++noticed; };
    CHECK(std::signal(SIGINT, own) == SIG_DFL);
    training.fit(inputs, targets, options, interrupt);
    CHECK(training.steps() == 2 + 12);
    CHECK(noticed > 0);
    CHECK(std::signal(SIGINT, of_catch) != SIG_DFL);
}

TEST_CASE("a path's fields are filled as in Python") {
    const Logs logs({{"val_loss", 0.123456}, {"accuracy", 1}});
    const auto path = [&](const char* pattern) { return detail::formatted_path(pattern, 4, logs); };
    CHECK(path("{epoch:02d}-{val_loss:.4f}.safetensors") == "05-0.1235.safetensors");
    CHECK(detail::formatted_path("{epoch:02d}-{batch:03d}", 4, logs, 9) == "05-010");
    CHECK_THROWS_WITH(path("{batch}"), "the path's field {batch} has no number at the end of an epoch; give save_freq");
    CHECK(path("{epoch}_{accuracy:6.2f}_{val_loss:.1e}_{{x}}") == "5_  1.00_1.2e-01_{x}");
    CHECK_THROWS_WITH(path("{val_los}"),
                      "nothing was measured under the name \"val_los\"; there is val_loss, accuracy");
    CHECK_THROWS_AS(path("{epoch:s}"), value_error);
    CHECK_THROWS_AS(path("{val_loss:*d}"), value_error);
    CHECK_THROWS_AS(path("{val_loss:.999999f}"), value_error);
    CHECK_THROWS_AS(path("{val_loss"), value_error);
    CHECK_THROWS_AS(path("val_loss}"), value_error);
}
