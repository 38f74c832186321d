#include "strata/losses/binary_crossentropy.hpp"
#include "strata/losses/crossentropy.hpp"
#include "strata/losses/ctc.hpp"
#include "strata/losses/hinge.hpp"
#include "strata/losses/overlap.hpp"
#include "strata/losses/probabilistic.hpp"
#include "strata/losses/regression.hpp"
#include "support/catch.hpp"
#include "support/loss_check.hpp"

#include <numbers>
#include <set>
#include <string>
#include <vector>

using namespace strata::authoring;

namespace {

/// A loss as a case of Keras' names it; there may be one with weights, too.
struct tested_loss {
    std::string name;
    test::any_loss<pack<double>> in_double;
    test::any_loss<pack<float>> in_float;
    double float_tolerance = 1e-5;
};

template <class Output, class Loss>
tested_loss tested(const std::string& name, const Loss& loss, double float_tolerance = 1e-5) {
    return {name, test::loss_on<pack<double>, Output, false>(loss), test::loss_on<pack<float>, Output, false>(loss),
            float_tolerance};
}

/// Keras on TensorFlow takes log(2) from a float, also in float64: its LogCosh is 1.9e-9 smaller than it should be.
tested_loss log_cosh_with_log_of_float() {
    tested_loss loss = tested<shape<10>>("logcosh", LogCosh{});
    loss.in_double.value = [exact = loss.in_double.value](auto... arguments) {
        return exact(arguments...) + pack<double>(std::numbers::ln2 - double(float(std::numbers::ln2)));
    };
    return loss;
}

void check(const std::string& file, const std::vector<tested_loss>& losses) {
    const test::keras_vectors vectors{file};
    std::set<std::string> left;
    for (const std::string& name : vectors.cases()) left.insert(name);
    for (const tested_loss& loss : losses) {
        for (const std::string weighted : {"", "_weighted"}) {
            const std::string name = loss.name + weighted;
            if (left.erase(name) == 0) continue;
            INFO(name);
            CHECK(test::error_of_case(vectors, name, loss.in_double) <= 1e-10);
            CHECK(test::error_of_case(vectors, name, loss.in_float) <= loss.float_tolerance);
        }
    }
    INFO(left.size() << " cases were not compared, among them " << (left.empty() ? "none" : *left.begin()));
    CHECK(left.empty());
}

}  // namespace

TEST_CASE("losses are Keras'") {
    using row = shape<10>;
    const BinaryCrossentropy of_logits{.from_logits = true};
    const SparseCategoricalCrossentropy sparse_of_logits{.from_logits = true};
    const CategoricalCrossentropy smooth{.from_logits = true, .label_smoothing = 0.1};
    check("losses",
          {
              tested<row>("scce_logits", sparse_of_logits),
              tested<row>("scce_logits_extreme", sparse_of_logits),
              tested<row>("scce_prob", SparseCategoricalCrossentropy{}),
              tested<row>("cce_logits", CategoricalCrossentropy{.from_logits = true}),
              tested<row>("cce_logits_smooth", smooth),
              tested<row>("cce_prob", CategoricalCrossentropy{}),
              tested<row>("bce_logits", of_logits),
              tested<row>("bce_prob", BinaryCrossentropy{}),
              tested<row>("bce_logits_smooth", BinaryCrossentropy{.from_logits = true, .label_smoothing = 0.2}),
              tested<row>("focal_bce_logits", BinaryFocalCrossentropy{.from_logits = true}),
              tested<row>("mse", MeanSquaredError{}),
              tested<row>("mae", MeanAbsoluteError{}),
              tested<row>("mape", MeanAbsolutePercentageError{}),
              tested<row>("msle", MeanSquaredLogarithmicError{}),
              tested<row>("huber", Huber{}),
              tested<row>("huber_d05", Huber{.delta = 0.5}),
              log_cosh_with_log_of_float(),
              tested<row>("cosine", CosineSimilarity{}),
              tested<row>("poisson", Poisson{}),
              tested<row>("kld", KLDivergence{}),
              tested<row>("hinge", Hinge{}),
              tested<row>("squared_hinge", SquaredHinge{}),
              tested<row>("categorical_hinge", CategoricalHinge{}),
          });
}

TEST_CASE("losses are Keras' with several rows, with other settings, and where they clip") {
    using row = shape<4>;
    using rows = shape<2, 4>;
    const BinaryFocalCrossentropy balanced{
        .apply_class_balancing = true, .alpha = 0.3, .gamma = 1.5, .from_logits = true, .label_smoothing = 0.1};
    const CategoricalFocalCrossentropy smooth{.alpha = 0.5, .gamma = 1.5, .label_smoothing = 0.1};
    // No float lies between 1 and 1 - 1e-7: in float, Keras' too, a probability is clipped to 1 - 1.2e-7, and the
    // logarithm of what is left is 1 % off.
    const double clipped_in_float = 0.01;
    check("more_losses", {
                             tested<row>("focal_bce_prob", BinaryFocalCrossentropy{}),
                             tested<row>("focal_bce_balanced", balanced),
                             tested<row>("focal_cce_logits", CategoricalFocalCrossentropy{.from_logits = true}),
                             tested<row>("focal_cce_prob", smooth),
                             tested<row>("hinge_of_bits", Hinge{}),
                             tested<row>("squared_hinge_of_bits", SquaredHinge{}),
                             tested<rows>("scce_rows", SparseCategoricalCrossentropy{.from_logits = true}),
                             tested<rows>("cce_rows", CategoricalCrossentropy{.label_smoothing = 0.2}),
                             tested<rows>("bce_rows", BinaryCrossentropy{.from_logits = true}),
                             tested<rows>("kld_rows", KLDivergence{}),
                             tested<rows>("cosine_rows", CosineSimilarity{}),
                             tested<rows>("categorical_hinge_rows", CategoricalHinge{}),
                             tested<rows>("dice_rows", Dice{}),
                             tested<rows>("tversky_rows", Tversky{.alpha = 0.3, .beta = 0.8}),
                             tested<row>("bce_prob_clipped", BinaryCrossentropy{}, clipped_in_float),
                             tested<row>("bce_logits_far", BinaryCrossentropy{.from_logits = true}),
                             tested<row>("kld_clipped", KLDivergence{}),
                             tested<row>("msle_negative", MeanSquaredLogarithmicError{}),
                             tested<row>("mape_of_zero", MeanAbsolutePercentageError{}),
                             tested<row>("logcosh_far", LogCosh{}),
                             tested<row>("cosine_short", CosineSimilarity{}),
                         });
}

TEST_CASE("CTC is Keras' for labels of any length, and for those that need more steps") {
    check("ctc", {
                     tested<shape<6, 5>>("ctc", CTC<4>{}),
                     tested<shape<6, 5>>("ctc_far", CTC<4>{}),
                     tested<shape<6, 5>>("ctc_impossible", CTC<4>{}),
                     tested<shape<2, 5>>("ctc_too_long", CTC<4>{}),
                 });
}
