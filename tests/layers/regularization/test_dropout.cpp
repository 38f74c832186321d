#include "strata/layers/regularization/dropout.hpp"

#include "layers/layer_case.hpp"
#include "layers/regularization/random_layer.hpp"
#include "strata/layers/composites.hpp"

#include <cmath>
#include <cstddef>
#include <vector>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

static_assert(!Dropout<0>::on<shape<3>>::needs.random && Dropout<0>::on<shape<3>>::needs.kept == 0);
static_assert(Dropout<0.5>::on<shape<5, 7>>::needs.kept == 2);
static_assert(SpatialDropout2D<0.5>::on<shape<5, 7, 32>>::needs.kept == 1);

const tested_cases dropout_cases{"normalization",
                                 {
                                     {"dropout_rate0_train", in_both<Input<6>, Dropout<0>>},
                                     {"dropout_rate0_infer", in_both<Input<6>, Dropout<0.5>>},
                                 }};

/// Whether two numbers of standard deviation `deviation` in a sum of n agree.
bool agree(double found, double expected, double deviation, double n) {
    INFO(found << " for " << expected);
    return std::abs(found - expected) <= 4 * deviation / std::sqrt(n);
}

}  // namespace

TEST_CASE("Dropout without a rate and in inference does what Keras does") { dropout_cases.run(); }

TEST_CASE("Dropout: the gradients are those of the result") {
    check_gradient<Input<3, 13>, Dropout<0.4>>();
    check_gradient<Input<5, 7>, SpatialDropout1D<0.4>>();
    check_gradient<Input<3, 2, 6>, SpatialDropout2D<0.4>>();
    check_gradient<Input<3, 5>, AlphaDropout<0.3>>();
}

TEST_CASE("Dropout drops its share of cells and scales up the others") {
    using network = strata::authoring::network<shape<100>, Dropout<0.3>>;
    const auto y = on_ones<network, pack<float>>(1000).y;
    double zeros = 0, scaled = 0;
    for (const double value : y) {
        zeros += value == 0;
        scaled += value == Approx(1 / 0.7);
    }
    CHECK(zeros + scaled == 1e5);
    CHECK(agree(zeros / 1e5, 0.3, std::sqrt(0.3 * 0.7), 1e5));
    // Neighbouring cells are dropped independently of each other, and so are a cell's samples.
    double neighbours = 0, samples = 0;
    for (std::size_t i = 0; i + 100 < y.size(); ++i) {
        neighbours += y[i] == 0 && y[i + 1] == 0;
        samples += y[i] == 0 && y[i + 100] == 0;
    }
    CHECK(agree(neighbours / 99900, 0.09, std::sqrt(0.09 * 0.91), 5e4));
    CHECK(agree(samples / 99900, 0.09, std::sqrt(0.09 * 0.91), 5e4));
}

TEST_CASE("AlphaDropout keeps mean and variance") {
    using network = strata::authoring::network<shape<100>, AlphaDropout<0.2>>;
    batch_input in{.x = {}, .dy = {}, .values = {}, .backward = false};
    random_stream random(1, 0);
    for (std::size_t i = 0; i < 200000; ++i) in.x.push_back(random.normal());
    double sum = 0, squares = 0;
    for (const double value : run_batch<network, pack<double>>(in).y) {
        sum += value;
        squares += value * value;
    }
    CHECK(agree(sum / 2e5, 0, 1, 2e5));
    CHECK(agree(squares / 2e5, 1, std::sqrt(2.5), 2e5));
    // A kept cell of 1 and a dropped one, by Keras' formulas.
    const double least = -1.7580993408473766, a = 1 / std::sqrt(0.8 * (1 + 0.2 * least * least));
    for (const double value : on_ones<network, pack<double>>(2).y)
        CHECK((value == Approx(a - a * least * 0.2) || value == Approx(a * least - a * least * 0.2)));
}

TEST_CASE("SpatialDropout drops whole channels") {
    const auto check = [](const std::vector<double>& y, std::size_t samples, std::size_t positions) {
        double dropped = 0, kept = 0;
        for (std::size_t s = 0; s < samples; ++s) {
            for (std::size_t channel = 0; channel < 50; ++channel) {
                const double first = y[s * positions * 50 + channel];
                dropped += first == 0;
                kept += first == 2;
                for (std::size_t i = 1; i < positions; ++i)
                    if (y[(s * positions + i) * 50 + channel] != first) FAIL("the channel is not dropped as a whole");
            }
        }
        CHECK(dropped + kept == double(samples * 50));
        CHECK(agree(dropped / double(samples * 50), 0.5, 0.5, double(samples * 50)));
    };
    check(on_ones<network<shape<4, 50>, SpatialDropout1D<0.5>>, pack<float>>(2000).y, 2000, 4);
    check(on_ones<network<shape<2, 2, 50>, SpatialDropout2D<0.5>>, pack<float>>(2000).y, 2000, 4);
}

TEST_CASE("Dropout: the numbers depend on seed, layer and sample alone") {
    check_numbers<Input<3, 50>, Dropout<0.5>>(1e-6);
    check_numbers<Input<50>, AlphaDropout<0.5>>(1e-6);
    check_numbers<Input<3, 50>, SpatialDropout1D<0.5>>(1e-6);
}

TEST_CASE("a frozen Dropout passes on its input and its gradient") {
    const batch_output out = on_ones<network<shape<9>, Frozen<Dropout<0.5>>>, double>(3);
    CHECK(out.y == std::vector<double>(27, 1));
    CHECK(out.dx == std::vector<double>(27, 1));
}
