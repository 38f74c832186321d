#include "strata/losses/crossentropy.hpp"
#include "strata/losses/maximum_a_posteriori.hpp"

#include "strata/core/random.hpp"
#include "strata/losses/binary_crossentropy.hpp"
#include "strata/losses/regression.hpp"
#include "support/catch.hpp"
#include "support/float_traps.hpp"
#include "support/loss_check.hpp"
#include "support/xtensor.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

using namespace strata::authoring;
using test::error_of_differences;
using test::run_loss;

namespace {

std::vector<double> random_row(std::size_t size, double low, double high, std::uint64_t seed) {
    random_stream random(seed, 0);
    std::vector<double> values(size);
    for (double& value : values) value = low + (high - low) * random.uniform();
    return values;
}

}  // namespace

TEST_CASE("the gradients of the cross-entropies agree with differences") {
    const auto logits = random_row(3 * 4, -3, 3, 1), probabilities = random_row(3 * 4, 0.05, 1, 2);
    const auto spread = random_row(3 * 4, 0, 1, 3);
    const std::vector<double> labels{2, 0, 3}, weights{0.5, 2, 1};
    const SparseCategoricalCrossentropy sparse;
    const CategoricalCrossentropy dense{.label_smoothing = 0.2};
    CHECK(error_of_differences<4, true>(sparse, logits, labels, weights) < 1e-8);
    CHECK(error_of_differences<4, true>(dense, logits, spread, weights) < 1e-8);
    CHECK(error_of_differences<4, false>(SparseCategoricalCrossentropy{true}, logits, labels, {}) < 1e-8);
    CHECK(error_of_differences<4, false>(sparse, probabilities, labels, weights) < 1e-8);
    CHECK(error_of_differences<4, false>(dense, probabilities, spread, weights) < 1e-8);
}

TEST_CASE("the second derivatives of losses agree with differences of the gradient") {
    const auto check = []<bool Logits>(std::bool_constant<Logits>, bool from_logits) {
        using rows = shape<2, 4>;
        const auto y = random_row(rows::size, -3, 3, 1), yes = random_row(rows::size, 0, 1, 3);
        const std::vector<double> labels{2, 1}, classes{0.2, 0.3, 0.1, 0.4, 0, 1, 0, 0};
        const auto error = [&](const auto& loss, const std::vector<double>& target) {
            return test::error_of_second_differences<rows, Logits>(loss, y, target);
        };
        CHECK(error(SparseCategoricalCrossentropy{from_logits}, labels) < 1e-8);
        CHECK(error(SparseCategoricalCrossentropy{from_logits, 1}, labels) < 1e-8);
        CHECK(error(CategoricalCrossentropy{from_logits, 0.2}, classes) < 1e-8);
        CHECK(error(BinaryCrossentropy{from_logits, 0.2}, yes) < 1e-8);
        CHECK(error(MaximumAPosteriori{}, labels) < 1e-8);
        CHECK(error(MeanSquaredError{}, classes) < 1e-8);
    };
    check(std::true_type{}, false);
    check(std::false_type{}, true);
}

TEST_CASE("cross-entropies have no second derivatives with respect to probabilities") {
    const auto refuses = [](const auto& loss, const std::string& advice) {
        CHECK_NOTHROW(loss.template check_second_derivatives<true>());
        CHECK_THROWS_WITH(loss.template check_second_derivatives<false>(), test::contains(advice));
    };
    refuses(SparseCategoricalCrossentropy{},
            "SparseCategoricalCrossentropy has second derivatives with respect to "
            "logits alone; end the network with Softmax, or set from_logits");
    refuses(CategoricalCrossentropy{}, "CategoricalCrossentropy has second");
    refuses(BinaryCrossentropy{}, "end the network with Sigmoid");
    CHECK_NOTHROW(BinaryCrossentropy{.from_logits = true}.check_second_derivatives<false>());
}

TEST_CASE("one class number and its one-hot row cost the same") {
    const auto logits = random_row(4, -3, 3, 4);
    const auto sparse = run_loss<double, 4, true>(SparseCategoricalCrossentropy{}, logits, {2}, {});
    const auto dense = run_loss<double, 4, true>(CategoricalCrossentropy{}, logits, {0, 0, 1, 0}, {});
    CHECK(sparse.value == Approx(dense.value).epsilon(1e-15));
    CHECK(test::relative_error(sparse.gradient, dense.gradient) < 1e-15);
}

TEST_CASE("a class that cannot be may have a logit of minus infinity") {
    const auto check = [](const auto& loss, const std::vector<double>& target) {
        const auto found = run_loss<pack<float>, 3, true>(loss, {0, 0, -INFINITY}, target, {});
        CHECK(found.value == Approx(std::log(2)).epsilon(1e-6));
        CHECK(found.gradient[0] == Approx(-0.5).epsilon(1e-6));
        CHECK(found.gradient[1] == Approx(0.5).epsilon(1e-6));
        CHECK(found.gradient[2] == 0);
    };
    check(SparseCategoricalCrossentropy{}, {0});
    check(CategoricalCrossentropy{}, {1, 0, 0});
    CHECK(run_loss<double, 3, true>(SparseCategoricalCrossentropy{}, {0, 0, -INFINITY}, {2}, {}).value == INFINITY);
}

TEST_CASE("MaximumAPosteriori: equation 9 of LeNet-5, with the penalties negated") {
    const double p[] = {1, 3}, j = 2, all = std::exp(-j) + std::exp(-p[0]) + std::exp(-p[1]);
    const MaximumAPosteriori loss{.rubbish_penalty = j};
    const auto check = [&](const test::loss_result& found) {
        CHECK(found.value == Approx((p[0] + p[1]) / 2 + std::log(all)).epsilon(1e-6));
        const double first = std::exp(-p[0]) / all, second = std::exp(-p[1]) / all;
        const std::vector<double> expected{(first - 1) / 2, second / 2, first / 2, (second - 1) / 2};
        CHECK(test::relative_error(found.gradient, expected) < 1e-6);
    };
    const std::vector<double> y{-p[0], -p[1], -p[0], -p[1]}, labels{0, 1};
    check(run_loss<double, 2, false>(loss, y, labels, {}));
    check(run_loss<pack<float>, 2, true>(loss, y, labels, {}));
    CHECK(test::error_of_differences<2, false>(loss, y, labels, {0.5, 2}) < 1e-8);

    // Wrong classes beyond j are hardly pushed, and nothing overflows.
    const test::float_traps traps;
    const auto far = run_loss<pack<float>, 2, false>(loss, {-1e4, -2e4}, {0}, {});
    CHECK(far.value == Approx(1e4 - j));
    CHECK(far.gradient == std::vector<double>{-1, 0});
}

TEST_CASE("MaximumAPosteriori refuses labels and settings that make no sense") {
    const auto check = [](double penalty, const array_ref& labels) {
        MaximumAPosteriori{.rubbish_penalty = penalty}.check<shape<3>>(labels);
    };
    CHECK_NOTHROW(check(0, xt::xtensor<int, 1>{0, 2}));
    CHECK_THROWS_WITH(check(1, xt::xtensor<int, 1>{0, 3}), test::contains("MaximumAPosteriori: label 3 of sample 1"));
    CHECK_THROWS_WITH(check(-1, xt::xtensor<int, 1>{0}), test::contains("rubbish_penalty is -1.0"));
}

// With probabilities, a float would lose what is below 1e-7 and the gradient would be that of a clipped value: 0.
TEST_CASE("logits may be far apart") {
    for (const double gap : {20.0, 90.0, 1e4, 1e30}) {
        const auto result = run_loss<pack<float>, 3, true>(SparseCategoricalCrossentropy{}, {gap, 0, 0}, {1}, {});
        CHECK(result.value == Approx(gap).epsilon(1e-6));
        CHECK(result.gradient[0] == Approx(1).epsilon(1e-6));
        CHECK(result.gradient[1] == Approx(-1).epsilon(1e-6));
        const auto sure = run_loss<pack<float>, 3, true>(SparseCategoricalCrossentropy{}, {gap, 0, 0}, {0}, {});
        CHECK(sure.value == Approx(2 * std::exp(-gap)).margin(1e-7));
        CHECK(sure.value >= 0);
    }
}

TEST_CASE("probabilities are clipped where Keras clips them") {
    const SparseCategoricalCrossentropy loss;
    const auto wrong = run_loss<double, 2, false>(loss, {1, 0}, {1}, {});
    CHECK(wrong.value == Approx(-std::log(1e-7)).epsilon(1e-7));
    CHECK(wrong.gradient == std::vector<double>{0, 0});
    CHECK(run_loss<pack<float>, 2, false>(loss, {1, 0}, {1}, {}).value == Approx(16.118).epsilon(1e-4));
    CHECK(std::isnan(run_loss<pack<float>, 2, false>(loss, {NAN, 0.5}, {0}, {}).value));
    CHECK(std::isnan(run_loss<double, 2, true>(loss, {NAN, 0.5}, {1}, {}).value));
}

TEST_CASE("a row whose class is ignored has no loss and no gradient, whatever its outputs") {
    const SparseCategoricalCrossentropy loss{.ignore_class = -1};
    const auto found = run_loss<pack<float>, 3, true>(loss, {1, 2, NAN, 0, 0, -INFINITY}, {-1, 0}, {});
    CHECK(found.value == Approx(std::log(2) / 2).epsilon(1e-6));
    CHECK(found.gradient == std::vector<double>{0, 0, 0, -0.25, 0.25, 0});
    const test::float_traps traps;  // no class has the label -1: nothing is divided by its probability
    CHECK(run_loss<pack<float>, 2, false>(loss, {0.5, 0.5}, {-1}, {}).value == 0);
    CHECK_NOTHROW(loss.check<shape<10>>(xt::xtensor<int, 1>{0, -1, 9}));
    CHECK_THROWS_WITH(loss.check<shape<10>>(xt::xtensor<int, 1>{0, -2}), test::contains("label -2 of sample 1"));
}

TEST_CASE("a label out of range is refused, with its sample and the classes") {
    const SparseCategoricalCrossentropy loss;
    const auto check = [&](const array_ref& labels) { loss.check<shape<10>>(labels); };
    CHECK_NOTHROW(check(xt::xtensor<int, 1>{0, 5, 9}));
    CHECK_NOTHROW(check(xt::xtensor<std::uint8_t, 1>{0, 9}));
    CHECK_NOTHROW(check(xt::xtensor<float, 1>{0, 9}));
    CHECK_NOTHROW(check(xt::xtensor<int, 1>(std::array<std::size_t, 1>{0})));
    CHECK_THROWS_AS(check(xt::xtensor<int, 1>{0, 10}), value_error);
    CHECK_THROWS_WITH(
        check(xt::xtensor<int, 1>{0, 3, 10}),
        "SparseCategoricalCrossentropy: label 10 of sample 2 is not one of 0, ..., 9, the classes of the model");
    CHECK_THROWS_WITH(check(xt::xtensor<std::int64_t, 1>{-1}), test::contains("label -1 of sample 0"));
    CHECK_THROWS_WITH(check(xt::xtensor<std::uint8_t, 1>{1, 255}), test::contains("label 255 of sample 1"));
    CHECK_THROWS_WITH(check(xt::xtensor<double, 1>{1, 2.5}), test::contains("label 2.5"));
    CHECK_THROWS_WITH(check(xt::xtensor<double, 1>{NAN}), test::contains("nan"));
    CHECK_THROWS_WITH(check(xt::xtensor<float, 1>{INFINITY}), test::contains("inf"));
    CHECK_THROWS_AS(check(xt::xtensor<std::int64_t, 1>{std::int64_t{1} << 60}), value_error);
    CHECK_THROWS_WITH((loss.check<shape<2, 10>>(xt::xtensor<int, 2>{{0, 3}, {9, 10}})), test::contains("of sample 1"));
}
