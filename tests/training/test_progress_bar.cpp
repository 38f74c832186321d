#include "strata/training/progress_bar.hpp"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "support/catch.hpp"

namespace {

using strata::authoring::named_value;

/// A terminal, or a file, in memory, and a clock that stands still between two calls of `at`.
class screen {
public:
    explicit screen(bool terminal, std::size_t columns = 0) : terminal_(terminal), columns_(columns) {
        REQUIRE(file_ != nullptr);
    }

    strata::authoring::progress_output output() {
        return {file_.get(), terminal_, columns_, [this] { return ++looks_, now_; }};
    }

    void at(double seconds) { now_ = seconds; }

    int looks_at_the_clock() const { return looks_; }

    std::string text() const {
        std::string all(static_cast<std::size_t>(std::ftell(file_.get())), '\0');
        std::rewind(file_.get());
        const auto length = std::fread(all.data(), 1, all.size(), file_.get());
        CHECK(length == all.size());
        return all;
    }

private:
    struct closer {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    std::unique_ptr<std::FILE, closer> file_{std::tmpfile()};
    bool terminal_;
    std::size_t columns_;
    double now_ = 100;
    int looks_ = 0;
};

std::string bar(int filled) {
    const auto blocks = [](int count) {
        std::string text;
        for (int i = 0; i < count; ++i) text += "━";
        return text;
    };
    const auto done = filled > 0 ? "\x1b[32m" + blocks(filled) + "\x1b[0m" : "";
    return done + "\x1b[37m" + blocks(20 - filled) + "\x1b[0m";
}

}  // namespace

// The texts that are expected here are those of Keras 3.15.1's ProgbarLogger at the same times (without the
// backspaces that it writes before each return).

TEST_CASE("progress bar: an epoch on a terminal, as Keras draws it") {
    screen terminal{true};
    strata::authoring::progress_bar progress{4, 1, terminal.output()};
    for (std::size_t epoch = 0; epoch < 2; ++epoch) {
        const double start = 100 + static_cast<double>(epoch) * 1.4;
        terminal.at(start);
        progress.begin_epoch(epoch, 2);
        terminal.at(start + 0.5);
        progress.update(1, {{"accuracy", 0.5}, {"loss", 2}});
        terminal.at(start + 0.52);
        progress.update(2, {{"accuracy", 0.6}, {"loss", 1.5}});  // too soon to be drawn
        terminal.at(start + 0.6);
        progress.update(3, {{"accuracy", 0.65}, {"loss", 1.25}});
        terminal.at(start + 0.7);
        progress.update(4, {{"accuracy", 0.7}, {"loss", 0.00098}});
        terminal.at(start + 1.4);
        progress.finish({{"accuracy", 0.7}, {"loss", 0.00098}, {"val_accuracy", 0.75}, {"val_loss", 1}});
    }
    std::string expected;
    for (const std::string epoch : {"1", "2"}) {
        expected += "Epoch " + epoch + "/2\n";
        expected += "\r\x1b[1m1/4\x1b[0m " + bar(5) + " \x1b[1m1s\x1b[0m 500ms/step - accuracy: 0.5000 - loss: 2.0000";
        expected += "\r\x1b[1m3/4\x1b[0m " + bar(15) +
                    " \x1b[1m0s\x1b[0m 50ms/step - accuracy: 0.6500 - loss: 1.2500 ";  // a space where a character was
        expected +=
            "\r\x1b[1m4/4\x1b[0m " + bar(20) + " \x1b[1m0s\x1b[0m 67ms/step - accuracy: 0.7000 - loss: 9.8000e-04";
        expected += "\r\x1b[1m4/4\x1b[0m " + bar(20) +
                    " \x1b[1m1s\x1b[0m 300ms/step - accuracy: 0.7000 - loss: 9.8000e-04"
                    " - val_accuracy: 0.7500 - val_loss: 1.0000\n";
    }
    CHECK(terminal.text() == expected);
}

TEST_CASE("progress bar: a long epoch counts in aligned steps and leaves its first step out of the mean") {
    screen terminal{true};
    strata::authoring::progress_bar progress{20000, 1, terminal.output()};
    progress.begin_epoch(0, 1);
    terminal.at(100.3);
    progress.update(1, {{"loss", -1}});
    terminal.at(100.9);
    progress.update(2, {{"loss", -1}});
    terminal.at(101.75);
    progress.finish({{"loss", 12}});
    CHECK(terminal.text() ==
          "\r\x1b[1m    1/20000\x1b[0m " + bar(0) + " \x1b[1m1:39:59\x1b[0m 300ms/step - loss: -1.0000" +
              "\r\x1b[1m    2/20000\x1b[0m " + bar(0) + " \x1b[1m3:19:58\x1b[0m 600ms/step - loss: -1.0000" +
              "\r\x1b[1m20000/20000\x1b[0m " + bar(20) + " \x1b[1m2s\x1b[0m 73us/step - loss: 12.0000      \n");
}

TEST_CASE("progress bar: verbose 2, and a bar that is not on a terminal, write one line an epoch") {
    for (const int verbose : {1, 2}) {
        for (const bool on_terminal : {false, true}) {
            if (verbose == 1 && on_terminal) continue;
            screen file{on_terminal};
            strata::authoring::progress_bar progress{200, verbose, file.output()};
            for (std::size_t epoch = 0; epoch < 2; ++epoch) {
                const double start = 100 + static_cast<double>(epoch) * 2.6;
                file.at(start);
                progress.begin_epoch(epoch, 2);
                file.at(start + 1);
                progress.update(1, {{"loss", 2}});
                file.at(start + 2.6);
                progress.finish(
                    {{"val_loss", 0.3725}, {"val_accuracy", 0.884}, {"loss", 0.6155}, {"accuracy", 0.8183}});
            }
            const std::string line =
                "200/200 - 3s - 13ms/step - accuracy: 0.8183 - loss: 0.6155 - "
                "val_accuracy: 0.8840 - val_loss: 0.3725\n";
            CHECK(file.text() == "Epoch 1/2\n" + line + "Epoch 2/2\n" + line);
        }
    }
}

TEST_CASE("progress bar: neither one epoch nor an evaluation has a heading") {
    screen file{false};
    strata::authoring::progress_bar evaluation{313, 2, file.output()};
    file.at(101.02);
    evaluation.finish({{"loss", 0.2811}, {"accuracy", 0.912}});
    file.at(200);
    strata::authoring::progress_bar fit{7, 2, file.output()};
    fit.begin_epoch(0, 1);
    file.at(200.00049);
    fit.finish({{"loss", 1e-3}});
    CHECK(file.text() ==
          "313/313 - 1s - 3ms/step - accuracy: 0.9120 - loss: 0.2811\n7/7 - 0s - 70us/step - loss: 1.0000e-03\n");
}

TEST_CASE("progress bar: verbose 0 writes nothing and looks at no clock") {
    screen terminal{true};
    strata::authoring::progress_bar progress{4, 0, terminal.output()};
    progress.begin_epoch(0, 5);
    progress.update(1, {{"loss", 1}});
    progress.finish({{"loss", 1}});
    CHECK(terminal.text().empty());
    CHECK(terminal.looks_at_the_clock() == 0);
}

TEST_CASE("progress bar: a step that is not drawn costs one look at the clock and asks for no values") {
    screen terminal{true};
    strata::authoring::progress_bar progress{1000, 1, terminal.output()};
    terminal.at(100.001);
    int asked = 0;
    const auto values = [&] { return ++asked, std::vector<named_value>{{"loss", 1}}; };
    progress.update(1, values);
    CHECK(asked == 1);
    const int before = terminal.looks_at_the_clock();
    for (std::size_t step = 2; step < 102; ++step) progress.update(step, values);
    CHECK(asked == 1);
    CHECK(terminal.looks_at_the_clock() == before + 100);
    terminal.at(100.052);
    progress.update(102, values);
    CHECK(asked == 2);
}

TEST_CASE("progress bar: on a narrow terminal a line that is rewritten does not wrap") {
    screen terminal{true, 50};
    strata::authoring::progress_bar progress{10, 1, terminal.output()};
    terminal.at(101);
    progress.update(5, {{"accuracy", 0.5}, {"loss", 2}});
    CHECK(terminal.text() == "\r\x1b[1m 5/10\x1b[0m " + bar(10) + " \x1b[1m1s\x1b[0m 200ms/step");
}

TEST_CASE("progress bar: what stops the training begins on a line of its own") {
    screen terminal{true};
    {
        strata::authoring::progress_bar progress{10, 1, terminal.output()};
        progress.update(1, {{"loss", 1}});
    }
    CHECK(terminal.text().ends_with("loss: 1.0000\n"));
    screen finished{true};
    {
        strata::authoring::progress_bar progress{10, 1, finished.output()};
        progress.finish({{"loss", 1}});
    }
    CHECK(finished.text().ends_with("loss: 1.0000\n"));
    CHECK_FALSE(finished.text().ends_with("\n\n"));
}

TEST_CASE("progress bar: no steps are no error, another verbose is") {
    screen file{false};
    strata::authoring::progress_bar progress{0, 1, file.output()};
    progress.finish({});
    CHECK(file.text() == "0/0 - 0s - 0s/step\n");
    CHECK_THROWS_AS(strata::authoring::progress_bar(1, 3, file.output()), strata::value_error);
    CHECK_THROWS_WITH(strata::authoring::progress_bar(1, -1, file.output()),
                      strata::authoring::test::contains("verbose is -1"));
}
