#include "strata/losses/binary_crossentropy.hpp"
#include "strata/losses/crossentropy.hpp"
#include "strata/losses/ctc.hpp"
#include "strata/losses/hinge.hpp"
#include "strata/losses/overlap.hpp"
#include "strata/losses/probabilistic.hpp"
#include "strata/losses/regression.hpp"
#include "support/catch.hpp"
#include "support/float_traps.hpp"
#include "support/loss_check.hpp"
#include "support/xtensor.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

using namespace strata::authoring;
using test::run_loss;

namespace {

template <class Loss> std::string refusal(const Loss& loss, const array_ref& targets) {
    try {
        loss.template check<shape<2>>(targets);
    } catch (const value_error& error) {
        return error.what();
    }
    return {};
}

const xt::xtensor<float, 2> bits{{0, 1}, {1, 1}}, numbers{{0.5f, 1}, {-3, 0}}, signs{{-1, 1}, {1, 1}};
const xt::xtensor<std::uint8_t, 2> bytes{{0, 1}, {1, 0}};

bool all_finite(const test::loss_result& result) {
    for (const double slope : result.gradient)
        if (!std::isfinite(slope)) return false;
    return std::isfinite(result.value);
}

}  // namespace

TEST_CASE("losses of quantities refuse bytes, of which inputs are scaled") {
    const auto check = [](const auto& loss, const std::string& name) {
        CHECK(refusal(loss, numbers).empty());
        CHECK(refusal(loss, bytes).find(name + ": the targets are bytes") == 0);
        CHECK(refusal(loss, bytes).find("give them as floats") != std::string::npos);
    };
    check(MeanSquaredError{}, "MeanSquaredError");
    check(MeanAbsoluteError{}, "MeanAbsoluteError");
    check(MeanAbsolutePercentageError{}, "MeanAbsolutePercentageError");
    check(MeanSquaredLogarithmicError{}, "MeanSquaredLogarithmicError");
    check(Huber{}, "Huber");
    check(LogCosh{}, "LogCosh");
    check(CosineSimilarity{}, "CosineSimilarity");
    check(Poisson{}, "Poisson");
}

TEST_CASE("losses of probabilities refuse targets outside of 0 to 1, with the sample") {
    const auto check = [](const auto& loss, const std::string& name) {
        CHECK(refusal(loss, bits).empty());
        CHECK(refusal(loss, bytes).empty());
        CHECK(refusal(loss, numbers) == name + ": the target -3.0 of sample 1 does not lie in [0, 1]");
    };
    check(BinaryCrossentropy{}, "BinaryCrossentropy");
    check(BinaryFocalCrossentropy{}, "BinaryFocalCrossentropy");
    check(KLDivergence{}, "KLDivergence");
    check(CategoricalHinge{}, "CategoricalHinge");
    check(Dice{}, "Dice");
    check(Tversky{}, "Tversky");
    CHECK(refusal(Dice{}, xt::xtensor<double, 2>{{0, NAN}}).find("target nan of sample 0") != std::string::npos);
}

TEST_CASE("hinges take 0 and 1, or -1 and 1, and no mixture") {
    for (const array_ref& targets : {array_ref(bits), array_ref(bytes), array_ref(signs)}) {
        CHECK(refusal(Hinge{}, targets).empty());
        CHECK(refusal(SquaredHinge{}, targets).empty());
    }
    CHECK(refusal(Hinge{}, xt::xtensor<float, 2>{{-1, 1}, {1, 0}}) ==
          "Hinge: the target 0.0 of sample 1 is neither -1 nor 1 (nor are all of them 0 or 1)");
    CHECK(refusal(SquaredHinge{}, numbers).find("SquaredHinge: the target 0.5 of sample 0") == 0);
}

TEST_CASE("CTC refuses labels that the outputs have not, and those behind a zero") {
    const auto refused = [](const xt::xtensor<int, 2>& labels) -> std::string {
        try {
            CTC<3>{}.check<shape<4, 5>>(labels);
        } catch (const value_error& error) {
            return error.what();
        }
        return {};
    };
    CHECK(refused({{1, 4, 4}, {2, 0, 0}, {0, 0, 0}, {3, 1, 0}}).empty());
    CHECK(refused({{1, 2, 3}, {1, 5, 0}}) ==
          "CTC: label 5 of sample 1 is not one of 0, ..., 4, the classes of the model");
    CHECK(refused({{1, 2, -1}}).find("CTC: label -1 of sample 0") == 0);
    CHECK(refused({{1, 2, 0}, {1, 0, 2}}) ==
          "CTC: sample 1 has a label behind a 0; 0 is the blank, and fills up what follows the labels");
    CHECK(refused({{0, 1, 0}}).find("CTC: sample 0 has a label behind a 0") == 0);
}

TEST_CASE("settings of losses that make no sense are refused") {
    CHECK(refusal(Huber{.delta = 0}, numbers) == "Huber: delta is 0.0, but must be a finite number above 0");
    CHECK(refusal(Huber{.delta = std::numeric_limits<double>::infinity()}, numbers).find("delta is inf") !=
          std::string::npos);
    CHECK(refusal(BinaryCrossentropy{.label_smoothing = 1.5}, bits).find("label_smoothing is 1.5") !=
          std::string::npos);
    CHECK(refusal(BinaryFocalCrossentropy{.alpha = -1}, bits).find("alpha is -1.0") != std::string::npos);
    CHECK(refusal(BinaryFocalCrossentropy{.gamma = -1}, bits).find("gamma is -1.0") != std::string::npos);
    CHECK(refusal(BinaryFocalCrossentropy{.label_smoothing = -1}, bits).find("label_smoothing is") !=
          std::string::npos);
    CHECK(refusal(CategoricalFocalCrossentropy{.alpha = -1}, bits).find("alpha is -1.0") != std::string::npos);
    CHECK(refusal(CategoricalFocalCrossentropy{.gamma = NAN}, bits).find("gamma is nan") != std::string::npos);
    CHECK(refusal(CategoricalFocalCrossentropy{.label_smoothing = 2}, bits).find("label_smoothing is") !=
          std::string::npos);
    CHECK(refusal(CategoricalCrossentropy{.label_smoothing = 2}, bits).find("label_smoothing is") != std::string::npos);
    CHECK(refusal(Tversky{.alpha = -1}, bits).find("alpha is -1.0") != std::string::npos);
    CHECK(refusal(Tversky{.beta = -1}, bits).find("beta is -1.0") != std::string::npos);
}

// A cell of each kind of trouble, and what a host sees that traps: nothing is divided by zero and nothing overflows.
TEST_CASE("losses are finite for probabilities of 0 and 1, logits of 1000, and zeros") {
    const std::vector<double> yes{1, 0, 1, 0}, sure{0, 0, 1, 1}, far{-1000, -1000, 1000, 1000}, zeros(4), none{};
    const auto check = [&](const auto& loss, const std::vector<double>& y) {
        const test::float_traps traps;
        return all_finite(run_loss<pack<float>, 4, false>(loss, y, yes, none));
    };
    CHECK(check(BinaryCrossentropy{}, sure));
    CHECK(check(BinaryCrossentropy{.from_logits = true}, far));
    CHECK(check(BinaryFocalCrossentropy{}, sure));
    CHECK(check(BinaryFocalCrossentropy{.gamma = 0.5}, sure));
    CHECK(check(BinaryFocalCrossentropy{.from_logits = true}, far));
    CHECK(check(BinaryFocalCrossentropy{.gamma = 6, .from_logits = true}, far));
    CHECK(check(CategoricalFocalCrossentropy{}, sure));
    CHECK(check(CategoricalFocalCrossentropy{.gamma = 0.5, .from_logits = true}, far));
    CHECK(check(KLDivergence{}, sure));
    CHECK(check(MeanSquaredLogarithmicError{}, far));
    CHECK(check(MeanAbsolutePercentageError{}, far));
    CHECK(check(LogCosh{}, far));
    CHECK(check(Poisson{}, zeros));
    CHECK(check(CosineSimilarity{}, zeros));
    CHECK(check(CategoricalHinge{}, zeros));
    CHECK(check(Tversky{}, zeros));
    CHECK(check(Dice{}, zeros));
    CHECK(all_finite(run_loss<pack<float>, 4, false>(Dice{}, zeros, zeros, none)));
}

TEST_CASE("a binary cross-entropy of logits keeps what a probability would lose") {
    const auto result = run_loss<pack<float>, 2, true>(BinaryCrossentropy{}, {30, 200}, {1, 0}, {});
    CHECK(result.value == Approx((std::exp(-30.0) + 200) / 2).epsilon(1e-6));
    CHECK(result.gradient[0] == Approx(-std::exp(-30.0) / 2).epsilon(1e-6));
    CHECK(result.gradient[1] == Approx(0.5).epsilon(1e-6));
}

TEST_CASE("small differences cost LogCosh half of their square, in float, too") {
    for (const double d : {1e-6, 1e-3, 0.1}) {
        const double found = run_loss<pack<float>, 1, false>(LogCosh{}, {d}, {0}, {}).value;
        CHECK(found == Approx(std::log1p(2 * std::pow(std::sinh(d / 2), 2))).epsilon(1e-5));
    }
}

TEST_CASE("losses of plain numbers have the derivative of their value") {
    using test::error_of_differences;
    const std::vector<double> y{0.2, 0.7, 0.9, 0.4}, target{1, 0, 0, 1}, weights{2, 0.5};
    CHECK(error_of_differences<2, false>(MeanSquaredError{}, y, target, weights) < 1e-8);
    CHECK(error_of_differences<2, false>(BinaryFocalCrossentropy{.gamma = 1.5}, y, target, weights) < 1e-8);
    CHECK(error_of_differences<2, true>(BinaryFocalCrossentropy{.gamma = 0.5}, y, target, weights) < 1e-8);
    CHECK(error_of_differences<2, true>(CategoricalFocalCrossentropy{}, y, target, weights) < 1e-8);
    CHECK(error_of_differences<2, false>(Tversky{.alpha = 0.2}, y, target, weights) < 1e-8);
}
