#include "strata/training/callback.hpp"

#include "strata/callbacks/early_stopping.hpp"
#include "strata/callbacks/learning_rate.hpp"
#include "strata/callbacks/model_checkpoint.hpp"
#include "strata/callbacks/tensorboard.hpp"
#include "strata/core/parameter_entry.hpp"
#include "strata/layers/dense.hpp"
#include "strata/losses/regression.hpp"
#include "strata/metrics/regression.hpp"
#include "strata/model/sequential.hpp"
#include "strata/optimizers/sgd.hpp"
#include "strata/training/trainer.hpp"
#include "support/catch.hpp"
#include "support/event_reader.hpp"
#include "support/files.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

using namespace strata::authoring;

namespace {

using nlohmann::json;

const json& traces() {
    static const json all = json::parse(std::ifstream(STRATA_TEST_DATA_DIR "/keras/callbacks.json"));
    return all;
}

/// What stands for a model in the recording, too: its only weight is the number of the epoch.
struct counter {
    std::array<double, 1> weights{-1};
    std::span<double> values() { return weights; }
    std::span<const double> values() const { return weights; }
    std::vector<parameter_entry> value_table() const { return {{"dense/kernel", {1}, 0, 1}, {"dense/bias", {}, 0, 1}}; }
};

struct rate {
    double learning_rate = 1;
};

double number(const json& value) {
    return value.is_string() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)) || std::abs(a - b) < 1e-7; }

/// Calls a callback as Keras' was called, and compares what it decides after each epoch.
template <class Callback> void replay(Callback callback, const json& expected) {
    INFO(expected["class"] << " " << expected["settings"] << " " << expected["name"]);
    counter model;
    rate optimizer;
    fit_state<counter, rate> fit{model, optimizer};
    const callback_list<fit_state<counter, rate>, Callback> hooks(fit, callback);
    hooks.on_train_begin();
    for (std::size_t epoch = 0; epoch < expected["epochs"].size(); ++epoch) {
        const json& then = expected["epochs"][epoch];
        const json& value = expected["series"][epoch];
        INFO("epoch " << epoch);
        model.weights[0] = static_cast<double>(epoch);
        hooks.on_epoch_begin(epoch);
        Logs logs({{"loss", 0.0}});
        if (!value.is_null()) logs.set("val_loss", number(value));
        REQUIRE_FALSE(fit.stop_training);
        hooks.on_epoch_end(epoch, logs);
        CHECK(callback.wait == then["wait"].get<std::size_t>());
        REQUIRE(callback.best.has_value() == !then["best"].is_null());
        if (callback.best) CHECK(same(*callback.best, number(then["best"])));
        CHECK(fit.stop_training == then["stop"].get<bool>());
        CHECK(same(optimizer.learning_rate, number(then["rate"])));
        REQUIRE((logs.find("learning_rate") != nullptr) == !then["logged_rate"].is_null());
        if (logs.find("learning_rate") != nullptr) CHECK(same(logs["learning_rate"], number(then["logged_rate"])));
    }
    hooks.on_train_end();
    CHECK(model.weights[0] == expected["weights"].get<double>());
}

template <class Callback> Callback with_settings(const json& settings) {
    Callback callback;
    for (const auto& [name, value] : settings.items()) {
        if (name == "patience")
            callback.patience = value;
        else if (name == "min_delta")
            callback.min_delta = value;
        else if (name == "mode")
            callback.mode = Mode::Max;
        else if constexpr (std::is_same_v<Callback, EarlyStopping>) {
            if (name == "restore_best_weights")
                callback.restore_best_weights = value;
            else if (name == "baseline")
                callback.baseline = number(value);
            else if (name == "start_from_epoch")
                callback.start_from_epoch = value;
            else
                FAIL(name);
        } else {
            if (name == "factor")
                callback.factor = value;
            else if (name == "cooldown")
                callback.cooldown = value;
            else if (name == "min_lr")
                callback.min_lr = value;
            else
                FAIL(name);
        }
    }
    return callback;
}

/// Writes down what happens, and ends training where it is told to.
struct recorder {
    std::vector<std::string> events{};
    int stop_epoch = -1, stop_step = -1;
    std::size_t epoch = 0, steps = 0;

    static std::string names(const Logs& logs) {
        std::vector<std::string> all;
        for (const named_value& value : logs.values()) all.push_back(value.name);
        std::sort(all.begin(), all.end());
        std::string text = ":";
        for (const std::string& name : all) text += " " + name;
        return text;
    }
    void on_train_begin() { events.push_back("train_begin"); }
    void on_train_end() { events.push_back("train_end"); }
    void on_epoch_begin(std::size_t number) {
        epoch = number;
        events.push_back("epoch_begin " + std::to_string(number));
    }
    void on_epoch_end(auto& fit, std::size_t number, const Logs& logs) {
        events.push_back("epoch_end " + std::to_string(number) + names(logs));
        if (static_cast<int>(number) == stop_epoch) fit.stop_training = true;
    }
    void on_train_batch_begin(std::size_t step) { events.push_back("batch_begin " + std::to_string(step)); }
    void on_train_batch_end(auto& fit, std::size_t step, const Logs& logs) {
        CHECK(fit.iterations == ++steps);
        events.push_back("batch_end " + std::to_string(step) + names(logs));
        if (epoch == 1 && static_cast<int>(step) == stop_step) fit.stop_training = true;
    }
};

/// The metric of the recording, under Keras' short name for it.
struct MAE : MeanSquaredError {
    static constexpr std::string_view name = "mae";
};

}  // namespace

TEST_CASE("callbacks decide as Keras' do") {
    std::size_t count = 0;
    for (const json& expected : traces()["cases"]) {
        ++count;
        if (expected["class"] == "EarlyStopping")
            replay(with_settings<EarlyStopping>(expected["settings"]), expected);
        else
            replay(with_settings<ReduceLROnPlateau>(expected["settings"]), expected);
    }
    CHECK(count == 90);
}

TEST_CASE("callbacks refuse rates that are none, and schedules that they cannot change") {
    counter model;
    rate optimizer;
    fit_state<counter, rate> fit{model, optimizer};
    LearningRateScheduler negative{[](std::size_t, double) { return -0.1; }};
    CHECK_THROWS_WITH(negative.on_epoch_begin(fit, 0),
                      "LearningRateScheduler: the rate is -0.1, but must be a finite number, 0 or more");
    SGD by_schedule{.learning_rate = [](std::uint64_t) { return 0.1; }};
    fit_state<counter, SGD> scheduled{model, by_schedule};
    ReduceLROnPlateau plateau;
    CHECK_THROWS_WITH(
        plateau.on_train_begin(scheduled),
        "ReduceLROnPlateau: the optimizer's learning rate is a schedule, which sets it at each step; give "
        "it a number, or leave out the callback");
}

TEST_CASE("ModelCheckpoint saves after the same batches as Keras, under the same names") {
    std::size_t count = 0;
    for (const json& expected : traces()["checkpoints"]) {
        ++count;
        INFO(expected["filepath"] << " every " << expected["save_freq"]);
        const test::temporary_folder folder;
        const auto path = [&](const std::string& name) { return (folder.path() / name).string() + ".safetensors"; };
        counter model;
        rate optimizer;
        fit_state<counter, rate> fit{model, optimizer};
        ModelCheckpoint save{.filepath = path(expected["filepath"]), .save_freq = expected["save_freq"]};
        std::vector<std::string> saved = expected["saved"];
        auto next = saved.begin();
        const std::size_t steps = (10 + expected["fit"]["batch_size"].get<std::size_t>() - 1) /
                                  expected["fit"]["batch_size"].get<std::size_t>();
        for (std::size_t epoch = expected["fit"].value("initial_epoch", 0u); epoch < expected["fit"]["epochs"];
             ++epoch) {
            save.on_epoch_begin(epoch);
            for (std::size_t step = 0; step < steps; ++step) {
                save.on_train_batch_end(fit, step, Logs({{"loss", 0.0}}));
                if (folder.entries() == 0) continue;
                REQUIRE(next != saved.end());
                CHECK(std::filesystem::remove(path(*next++)));
                REQUIRE(folder.entries() == 0);
            }
            save.on_epoch_end(fit, epoch, Logs({{"loss", 0.0}}));
        }
        CHECK(next == saved.end());
    }
    CHECK(count == 4);
}

TEST_CASE("TensorBoard writes what Keras writes, in the same order and under the same names") {
    std::size_t count = 0;
    for (const json& expected : traces()["tensorboard"]) {
        ++count;
        INFO(expected["name"]);
        const test::temporary_folder folder;
        counter model;
        rate optimizer{.learning_rate = 0.25};
        fit_state<counter, rate> fit{model, optimizer};
        TensorBoard board{.log_dir = folder.path(), .histogram_freq = expected["settings"].value("histogram_freq", 0u)};
        if (expected["settings"].contains("update_freq")) board.update_freq = expected["settings"]["update_freq"];
        const bool validates = expected["fit"].contains("validation_split");
        board.on_train_begin();
        for (std::size_t epoch = 0; epoch < expected["fit"]["epochs"]; ++epoch) {
            Logs logs({{"loss", 1.5}, {"mae", 2.5}});
            for (std::size_t step = 0; step < (validates ? 2u : 3u); ++step) {  // batches of 4 of 8 or 10 samples
                ++fit.iterations;
                if (board.watches_steps()) board.on_train_batch_end(step, logs);
            }
            if (validates) logs.set("val_loss", 3.5);
            if (validates) logs.set("val_mae", 4.5);
            board.on_epoch_end(fit, epoch, logs);
        }
        json written = json::array();
        for (const auto& [name, file] :
             {std::pair("train", &board.train), std::pair("validation", &board.validation)}) {
            if (!*file) continue;
            CHECK((*file)->path().parent_path() == folder.path() / name);
            for (const test::event& event : test::read_events((*file)->path())) {
                if (event.tag.empty()) continue;
                written.push_back({name, event.tag, event.step});
                INFO(event.tag);
                CHECK(event.plugin == (event.tag.ends_with("/histogram") ? "histograms" : "scalars"));
                if (event.tag.ends_with("learning_rate")) CHECK(event.values[0] == 0.25);
                if (event.tag.ends_with("loss") || event.tag.ends_with("vs_iterations"))
                    CHECK(event.values[0] == (event.tag.find("mae") == std::string::npos ? 1.5 : 2.5) +
                                                 (std::string(name) == "train" ? 0 : 2));
                if (event.tag.ends_with("/histogram")) CHECK(event.values[89] == 1);
            }
        }
        CHECK(written == expected["values"]);
    }
    CHECK(count == 3);
}

TEST_CASE(
    "TensorBoard writes epochs after any number of steps, and the rate of a schedule, in new files for each fit") {
    const test::temporary_folder folder;
    counter model;
    SGD optimizer{.learning_rate = [](std::uint64_t step) { return step == 5 ? 0.5 : 0.0; }};
    fit_state<counter, SGD> fit{.model = model, .optimizer = optimizer, .iterations = 5};
    TensorBoard board{.log_dir = folder.path(), .update_freq = 2};
    for (std::ptrdiff_t run = 1; run <= 2; ++run) {
        board.on_train_begin();
        for (std::size_t step = 0; step < 5; ++step) board.on_train_batch_end(step, Logs({{"loss", 1.0}}));
        board.on_epoch_end(fit, 0, Logs({{"loss", 1.0}}));
        const auto events = test::read_events(board.train->path());
        REQUIRE(events.size() == 5);
        CHECK(events[2].step == 4);
        CHECK(events[4].tag == "epoch_learning_rate");
        CHECK(events[4].values[0] == 0.5);
        CHECK(std::distance(std::filesystem::directory_iterator(folder.path() / "train"), {}) == run);
    }
    CHECK_THROWS_AS(TensorBoard{.update_freq = 0}.on_train_begin(), value_error);
}

TEST_CASE("fit calls the hooks in Keras' order") {
    const xt::xtensor<float, 2> x = xt::arange<float>(20).reshape({10, 2}) / 20;
    const xt::xtensor<float, 2> y = xt::arange<float>(0, 20, 2).reshape({10, 1}) / 20;
    for (const json& expected : traces()["runs"]) {
        INFO(expected["name"]);
        Sequential<Input<2>, Dense<1>> model;
        auto training = compile(model, SGD{}, MeanSquaredError{}, MAE{});
        fit_options options{.verbose = 0};
        for (const auto& [name, value] : expected["fit"].items()) {
            if (name == "epochs")
                options.epochs = value;
            else if (name == "batch_size")
                options.batch_size = value;
            else if (name == "validation_split")
                options.validation_split = value;
            else if (name == "validation_freq")
                options.validation_freq = value;
            else if (name == "initial_epoch")
                options.initial_epoch = value;
            else
                FAIL(name);
        }
        recorder events{.stop_epoch = expected["stop"].value("stop_epoch", -1),
                        .stop_step = expected["stop"].value("stop_step", -1)};
        const History history = training.fit(x, y, options, events);
        CHECK(events.events == expected["events"].get<std::vector<std::string>>());
        CHECK(history.epoch() == expected["epochs"].get<std::vector<std::size_t>>());
        for (const auto& [name, count] : expected["history"].items()) CHECK(history[name].size() == count);
    }
}
