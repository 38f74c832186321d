#include "strata/training/history.hpp"

#include <limits>
#include <string>
#include <vector>

#include "support/catch.hpp"

using strata::History;

TEST_CASE("History: metrics by name, epoch by epoch") {
    History history;
    history.append(0, {{"loss", 0.5}, {"val_loss", 0.6}, {"accuracy", 0.8}});
    history.append(1, {{"loss", 0.25}, {"val_loss", 0.5}, {"accuracy", 0.9}});
    CHECK(history["loss"] == std::vector<double>{0.5, 0.25});
    CHECK(history["val_loss"].back() == 0.5);
    CHECK(history.epoch() == std::vector<std::size_t>{0, 1});
    CHECK(history.names() == std::vector<std::string>{"accuracy", "loss", "val_loss"});
    CHECK(history.contains("accuracy"));
    CHECK_FALSE(history.contains("val_accuracy"));
}

TEST_CASE("History: what a temporary one is asked for does not end with it") {
    const auto measured = [] {
        History history;
        history.append(3, {{"loss", 0.5}});
        return history;
    };
    const std::vector<double>& losses = measured()["loss"];  // lives as long as the reference
    const std::vector<std::size_t>& epochs = measured().epoch();
    CHECK(losses == std::vector<double>{0.5});
    CHECK(epochs == std::vector<std::size_t>{3});
}

TEST_CASE("History: an unknown name is answered with the known ones") {
    History history;
    CHECK_THROWS_AS(history["loss"], strata::value_error);
    CHECK_THROWS_WITH(history["loss"], strata::authoring::test::contains("no epoch was trained"));
    history.append(0, {{"loss", 0.5}, {"accuracy", 0.8}});
    CHECK_THROWS_WITH(history["val_loss"], "the history has no \"val_loss\"; it has accuracy, loss");
}

TEST_CASE("History: a metric that is measured in some epochs only, or named twice") {
    History history;
    history.append(0, {{"loss", 3}});
    history.append(1, {{"loss", 2}, {"val_loss", 4}, {"loss", 1}});
    CHECK(history["loss"] == std::vector<double>{3, 1});
    CHECK(history["val_loss"] == std::vector<double>{4});
    CHECK(history.to_csv() == "epoch,loss,val_loss\r\n0,3.0,NA\r\n1,1.0,4.0\r\n");
    history.append(2, {{"loss", 1}, {"late", 7}});  // no column for it in Keras either: the header is written by then
    CHECK(history.to_csv() == "epoch,loss,val_loss\r\n0,3.0,NA\r\n1,1.0,4.0\r\n2,1.0,NA\r\n");
}

// The files that are expected here are what Keras 3.15.1's CSVLogger wrote for the same values.

TEST_CASE("History: the CSV is what Keras' CSVLogger writes") {
    History history;
    history.append(0, {{"loss", 0.6155}, {"accuracy", 0.9120000004768372}});
    history.append(1, {{"loss", 1e-5},
                       {"accuracy", 1},
                       {"val_loss", 0.25},
                       {"val_accuracy", std::numeric_limits<double>::quiet_NaN()}});
    history.append(2, {{"loss", 0.0001}, {"accuracy", 1e16}});
    CHECK(history.to_csv() ==
          "epoch,accuracy,loss,val_accuracy,val_loss\r\n0,0.9120000004768372,0.6155,NA,NA\r\n1,1.0,1e-05,nan,0.25\r\n"
          "2,1e+16,0.0001,NA,NA\r\n");
}

TEST_CASE("History: the CSV of any name and any value") {
    History history;
    history.append(3, {{"loss", -123456789.125},
                       {"val_loss", std::numeric_limits<double>::infinity()},
                       {"learning_rate", 0.001},
                       {"a,b\"c", 5e-324}});
    CHECK(history.to_csv() ==
          "epoch,\"a,b\"\"c\",learning_rate,loss,val_loss\r\n3,5e-324,0.001,-123456789.125,inf\r\n");
    CHECK(History{}.to_csv().empty());
}

TEST_CASE("History: numbers in the CSV are laid out as Python does") {
    const auto cell = [](double value) {
        History history;
        history.append(0, {{"val_x", value}});
        const auto csv = history.to_csv();
        return csv.substr(15, csv.size() - 17);
    };
    CHECK(cell(0) == "0.0");
    CHECK(cell(-0.0) == "-0.0");
    CHECK(cell(0.1) == "0.1");
    CHECK(cell(1.0 / 3) == "0.3333333333333333");
    CHECK(cell(123456) == "123456.0");
    CHECK(cell(9007199254740994.0) == "9007199254740994.0");
    CHECK(cell(1.5e300) == "1.5e+300");
    CHECK(cell(0.00012345) == "0.00012345");
    CHECK(cell(-1e-7) == "-1e-07");
}
