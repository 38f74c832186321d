#include "strata/metrics/report.hpp"

#include "support/catch.hpp"
#include "support/xtensor.hpp"

#include <cstdint>
#include <string>

using namespace strata::authoring;

namespace {

const xt::xtensor<std::int32_t, 1> labels{0, 1, 2, 2, 2, 4}, predicted{0, 0, 2, 2, 1, 4};

}  // namespace

TEST_CASE("a confusion matrix counts classes by row and predictions by column") {
    const tensor<std::int64_t, 2> expected{
        {1, 0, 0, 0, 0}, {1, 0, 0, 0, 0}, {0, 1, 2, 0, 0}, {0, 0, 0, 0, 0}, {0, 0, 0, 0, 1}};
    CHECK((confusion_matrix(labels, predicted) == expected));
    CHECK(confusion_matrix(labels, predicted, 7).shape()[0] == 7);
    const xt::xtensor<float, 2> rows{{0.9f, 0.1f}, {0.4f, 0.6f}, {0.5f, 0.5f}, {0.1f, 0.9f}};
    const xt::xtensor<std::uint8_t, 1> classes{0, 0, 1, 0};
    CHECK((confusion_matrix(classes, rows) == tensor<std::int64_t, 2>{{1, 2}, {1, 0}}));
}

TEST_CASE("a confusion matrix refuses what are no classes") {
    const xt::xtensor<double, 1> half{0, 0.5}, negative{-1, 0}, three{0, 1, 2};
    CHECK_THROWS_WITH(
        confusion_matrix(half, half),
        "confusion_matrix: expected: 0.5 of sample 1 is no class number below 4096; of probabilities of one sigmoid "
        "take those above 0.5");
    CHECK_THROWS_AS(confusion_matrix(negative, negative), value_error);
    CHECK_THROWS_WITH(confusion_matrix(three, labels),
                      "confusion_matrix: 3 samples are expected, but 6 were predicted");
    CHECK_THROWS_AS(confusion_matrix({}, labels), shape_error);
}

TEST_CASE("a classification report is scikit-learn's, byte for byte") {
    CHECK(classification_report(labels, predicted) ==
          "              precision    recall  f1-score   support\n\n"
          "           0       0.50      1.00      0.67         1\n"
          "           1       0.00      0.00      0.00         1\n"
          "           2       1.00      0.67      0.80         3\n"
          "           4       1.00      1.00      1.00         1\n\n"
          "    accuracy                           0.67         6\n"
          "   macro avg       0.62      0.67      0.62         6\n"
          "weighted avg       0.75      0.67      0.68         6\n");
    const xt::xtensor<int, 1> few{0, 1, 2, 2, 2}, found{0, 0, 2, 2, 1};
    CHECK(classification_report(few, found, {.names = {"zero", "one", "a class of a long name"}, .digits = 3}) ==
          "                        precision    recall  f1-score   support\n\n"
          "                  zero      0.500     1.000     0.667         1\n"
          "                   one      0.000     0.000     0.000         1\n"
          "a class of a long name      1.000     0.667     0.800         3\n\n"
          "              accuracy                          0.600         5\n"
          "             macro avg      0.500     0.556     0.489         5\n"
          "          weighted avg      0.700     0.600     0.613         5\n");
    CHECK_THROWS_WITH(classification_report(few, found, {.names = {"zero", "one"}}),
                      "classification_report: 2 names were given for 3 classes");
}
