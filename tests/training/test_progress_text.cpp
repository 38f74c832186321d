#include "strata/training/progress_text.hpp"

#include <algorithm>
#include <clocale>
#include <limits>
#include <string>
#include <vector>

#include "support/catch.hpp"

namespace {

std::string metric(double value) {
    std::string text;
    strata::authoring::append_metric(text, value);
    return text;
}

std::string step_time(double seconds) {
    std::string text;
    strata::authoring::append_step_time(text, seconds);
    return text;
}

std::string time_left(double seconds) {
    std::string text;
    strata::authoring::append_time_left(text, seconds);
    return text;
}

}  // namespace

TEST_CASE("progress text: a metric has four digits, and an exponent where four would not do") {
    CHECK(metric(0.91234) == "0.9123");
    CHECK(metric(12) == "12.0000");
    CHECK(metric(0.0011) == "0.0011");
    CHECK(metric(0.001) == "1.0000e-03");
    CHECK(metric(0.00098) == "9.8000e-04");
    CHECK(metric(0) == "0.0000e+00");
    CHECK(metric(-0.5) == "-0.5000");
    CHECK(metric(-0.0005) == "-5.0000e-04");
    CHECK(metric(std::numeric_limits<double>::quiet_NaN()) == "nan");
    CHECK(metric(-std::numeric_limits<double>::quiet_NaN()) == "nan");
    CHECK(metric(-std::numeric_limits<double>::infinity()) == "-inf");
    CHECK(metric(std::numeric_limits<double>::max()).size() == 309 + 5);
}

TEST_CASE("progress text: a step takes seconds, milliseconds or microseconds") {
    CHECK(step_time(0) == "0s/step");
    CHECK(step_time(2.6) == "3s/step");
    CHECK(step_time(1) == "1s/step");
    CHECK(step_time(0.9996) == "1000ms/step");
    CHECK(step_time(0.0025) == "2ms/step");  // half to even, as Python rounds
    CHECK(step_time(0.001) == "1ms/step");
    CHECK(step_time(0.00031) == "310us/step");
}

TEST_CASE("progress text: the time left is in seconds, minutes or hours") {
    CHECK(time_left(0) == "0s");
    CHECK(time_left(59.9) == "59s");
    CHECK(time_left(60) == "60s");
    CHECK(time_left(60.5) == "1:00");
    CHECK(time_left(65) == "1:05");
    CHECK(time_left(3600) == "60:00");
    CHECK(time_left(3601) == "1:00:01");
    CHECK(time_left(99999) == "27:46:39");
    CHECK(time_left(std::numeric_limits<double>::infinity()) == "?s");
}

TEST_CASE("progress text: the width is what a terminal shows") {
    const std::vector<strata::authoring::named_value> values{{"accuracy", 0.5}, {"loss", 2}};
    std::string text;
    const auto width = strata::authoring::append_bar_line(text, {3, 4, 1, 0.25, false, values});
    CHECK(width == std::string{"3/4 ==================== 0s 250ms/step - accuracy: 0.5000 - loss: 2.0000"}.size());
}

TEST_CASE("progress text: metrics that do not fit the terminal are left out until the end") {
    const std::vector<strata::authoring::named_value> values{{"accuracy", 0.5}, {"loss", 2}};
    const auto line = [&](std::size_t columns, bool finished) {
        std::string text;
        const auto width = strata::authoring::append_bar_line(text, {3, 4, 1, 0.25, finished, values}, columns);
        return std::make_pair(width, text.find("loss") != std::string::npos);
    };
    CHECK(line(73, false) == std::make_pair(std::size_t{72}, true));
    CHECK(line(72, false) == std::make_pair(std::size_t{57}, false));  // a full line moves the cursor to the next
    CHECK(line(72, true) == std::make_pair(std::size_t{72}, true));
}

TEST_CASE("progress text: Keras' order of metrics") {
    std::vector<std::string> names{"val_loss", "learning_rate", "zeta", "val_accuracy", "loss", "accuracy"};
    std::sort(names.begin(), names.end(), [](auto& a, auto& b) { return strata::authoring::shown_before(a, b); });
    CHECK(names == std::vector<std::string>{"accuracy", "loss", "zeta", "val_accuracy", "val_loss", "learning_rate"});
}

TEST_CASE("progress text: numbers do not depend on the locale") {
    const std::string before = std::setlocale(LC_NUMERIC, nullptr);
    for (const char* name : {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8"}) {  // whichever is installed
        if (std::setlocale(LC_NUMERIC, name) != nullptr) break;
    }
    CHECK(metric(0.5) == "0.5000");
    CHECK(strata::authoring::exact_text(0.5) == "0.5");
    std::setlocale(LC_NUMERIC, before.c_str());
}
