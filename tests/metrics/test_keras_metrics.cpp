#include "strata/metrics/metric.hpp"

#include "strata/layers/reshape.hpp"
#include "strata/losses/crossentropy.hpp"
#include "strata/losses/regression.hpp"
#include "strata/metrics/accuracy.hpp"
#include "strata/metrics/auc.hpp"
#include "strata/metrics/f1_score.hpp"
#include "strata/metrics/mean_iou.hpp"
#include "strata/metrics/precision_recall.hpp"
#include "strata/metrics/regression.hpp"
#include "strata/model/sequential.hpp"
#include "strata/training/evaluator.hpp"
#include "support/catch.hpp"
#include "support/keras_vectors.hpp"
#include "support/lanes.hpp"
#include "support/xtensor.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <vector>

using namespace strata::authoring;

namespace {

using vector = std::vector<double>;

/// A model that hands its inputs on, so that `evaluate` sees outputs that a test chooses.
template <class T> using Outputs = basic_sequential<T, Input<10>, Reshape<10>>;

const test::keras_vectors& vectors() {
    static const test::keras_vectors file{"metrics"};
    return file;
}

/// What an evaluator measures of the outputs and targets of a case.
template <class Evaluator> auto measured(const Evaluator& evaluation, const std::string& name) {
    const xt::xtensor<double, 2> y = xt::adapt(vectors().tensor(name + "/y_pred").values, {6, 10});
    const auto targets = vectors().tensor(name + "/y_true");
    const xt::xarray<double> expected = xt::adapt(targets.values, targets.extents);
    return evaluation.evaluate(y, expected, {.verbose = 0});
}

/// Keras' value of a case, and how far another is from it.
double error(double found, const std::string& name) {
    return test::relative_error(vector{found}, vectors().tensor(name + "/value").values);
}

template <class T> void check_dense(double tolerance) {
    const Outputs<T> model;
    const evaluator evaluation(model, MeanSquaredError{}, CategoricalAccuracy{}, F1Score{}, BinaryAccuracy{},
                               Precision{}, Recall{}, AUC{}, MeanSquaredError{}, RootMeanSquaredError{}, R2Score{});
    const auto classes = measured(evaluation, "f1_macro");
    CHECK(error(measured(evaluation, "accuracy_categorical")[1], "accuracy_categorical") <= tolerance);
    CHECK(error(classes[2], "f1_macro") <= 1e-6);  // in float32, as Keras computed it
    const auto binary = measured(evaluation, "auc");
    CHECK(error(binary[3], "accuracy_binary") <= tolerance);
    CHECK(error(binary[4], "precision") <= 1e-7);  // in float32
    CHECK(error(binary[5], "recall") <= 1e-7);     // in float32
    CHECK(error(binary[6], "auc") <= 1e-6);        // in float32
    const auto numbers = measured(evaluation, "mse");
    CHECK(error(numbers[7], "mse") <= tolerance);
    CHECK(error(numbers[8], "rmse") <= tolerance);
    CHECK(error(numbers[9], "r2") <= tolerance);
}

template <class T> void check_sparse(double tolerance) {
    const Outputs<T> model;
    const evaluator evaluation(model, SparseCategoricalCrossentropy{}, SparseCategoricalAccuracy{},
                               SparseTopKCategoricalAccuracy{.k = 3}, SparseCategoricalCrossentropy{}, F1Score{});
    const auto values = measured(evaluation, "scce");
    CHECK(error(values[1], "accuracy_sparse") <= tolerance);
    CHECK(error(values[2], "top3_sparse") <= tolerance);
    CHECK(error(values[3], "scce") <= tolerance);
    CHECK(values[0] == values[3]);
    CHECK(error(values[4], "f1_macro") <= 1e-6);  // of class numbers, as of one-hot rows
}

}  // namespace

TEST_CASE("metrics with a target for each output are Keras'") { check_dense<double>(1e-10); }

TEST_CASE("metrics of class numbers are Keras'") {
    check_sparse<double>(1e-10);
    check_sparse<float>(1e-5);
}

TEST_CASE("metrics count samples by weight where they are asked to, and have names of their own") {
    const xt::xtensor<double, 2> y{{0.9, 0.2, 0.1, 0, 0, 0, 0, 0, 0, 0}, {0.1, 0.8, 0.3, 0, 0, 0, 0, 0, 0, 0}};
    const xt::xtensor<double, 2> targets{{1, 0, 0, 0, 0, 0, 0, 0, 0, 0}, {0, 0, 1, 0, 0, 0, 0, 0, 0, 0}};
    const xt::xtensor<double, 1> weights{1, 3};
    const Outputs<double> model;
    const auto measure = [&](auto... metrics) {
        return evaluator(model, MeanSquaredError{}, metrics...)
            .evaluate(y, targets, {.sample_weight = weights, .verbose = 0});
    };
    const auto values =
        measure(Accuracy{}, Weighted{Accuracy{}}, Precision{}, Weighted{Precision{}}, Weighted{Recall{.class_id = 2}},
                AUC{.curve = Curve::PR}, MeanIoU{}, F1Score{.average = Averaging::micro},
                F1Score{.average = Averaging::weighted}, CosineSimilarity{});
    CHECK(values[1] == 0.5);
    CHECK(values[2] == 0.25);
    CHECK(values[3] == 0.5);
    CHECK(values[4] == 0.25);
    CHECK(values[5] == 0);
    CHECK(values[6] == Approx(0.79726744).epsilon(1e-6));
    CHECK(values[7] == Approx(1.0 / 3));  // of the classes 0, 1 and 2: 1, 0, 0
    CHECK(values[8] == Approx(0.5).epsilon(1e-6));
    CHECK(values[9] == Approx(0.5).epsilon(1e-6));
    CHECK(values[10] == Approx(0.659619).epsilon(1e-5));  // as a loss it would be negative
    CHECK(detail::direction_of<CosineSimilarity>() == metric_direction::up);

    const std::vector<named_value> one{{"loss", 0}, {"precision", 0}};
    CHECK(detail::metric_name(one, "recall", true) == "recall");
    CHECK(detail::metric_name(one, "precision", false) == "precision_1");
    CHECK(detail::metric_name(one, "precision", true) == "weighted_precision");
    const std::vector<named_value> two{{"loss", 0}, {"precision", 0}, {"weighted_precision", 0}};
    CHECK(detail::metric_name(two, "precision", true) == "weighted_precision_1");
}

TEST_CASE("precision of one class counts it in every row") {
    const std::vector<double> y{0.9, 0.1, 0.2, 0.8}, targets{0, 1, 0, 1};
    binary_counts counts;
    const Precision of_second{.class_id = 1};
    of_second.update_state<shape<2, 2>, shape<2, 2>>(counts, y, targets, 1);
    CHECK(counts.true_positives == 1);
    CHECK(counts.false_negatives == 1);
    CHECK(counts.false_positives == 0);
}

TEST_CASE("metrics of many classes fit into a stack, and wrong settings are refused") {
    constexpr std::size_t classes = 1200;  // a confusion matrix of 11 MB
    const basic_sequential<float, Input<classes>, Reshape<classes>> model;
    tensor<float, 2> y = xt::zeros<float>({3, static_cast<int>(classes)});
    y(0, 5) = y(1, 7) = y(2, 1100) = 1;
    const tensor<int, 1> labels{5, 8, 1100};
    const auto evaluate = [&](const auto& metric) {
        return evaluator(model, SparseCategoricalCrossentropy{}, metric).evaluate(y, labels, {.verbose = 0})[1];
    };
    CHECK(evaluate(MeanIoU{}) == Approx(0.5));  // of the classes 5, 7, 8 and 1100: 1, 0, 0, 1
    CHECK_THROWS_WITH(evaluate(SparseTopKCategoricalAccuracy{.k = 0}),
                      "SparseTopKCategoricalAccuracy: k must be at least 1");
    CHECK_THROWS_WITH(Precision{.class_id = 7}.check_output<shape<3>>(),
                      "Precision: class_id is 7, but the model has 3 outputs");
}

TEST_CASE("what has no value yet is 0, as in Keras") {
    CHECK(Precision{}.result({}) == 0);
    CHECK(Recall{}.result({}) == 0);
    CHECK(AUC{}.result({}) == 0);
    CHECK(AUC{.curve = Curve::PR}.result({}) == 0);
    CHECK(MeanIoU{}.result(confusion_counts<3>{}) == 0);
    CHECK(F1Score{.average = Averaging::weighted}.result(detail::counts_of_classes<3>{}) == 0);
}
