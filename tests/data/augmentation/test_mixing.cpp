#include "strata/data/augmentation/augmentation.hpp"
#include "strata/data/augmentation/mixing.hpp"
#include "support/catch.hpp"
#include "support/lanes.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

using namespace strata::authoring;
using test::contains;

namespace {

/// What a list mixes into images of zeros, sample by sample, from images of ones.
template <class V, class List> struct mixed_images {
    static constexpr std::size_t rows = 20, columns = 30;
    aligned_vector<V> cells = aligned_vector<V>(rows * columns), others = cells, scratch;

    /// Of sample s in lane n % lanes<V>; the share of its own targets.
    V draw(const List& list, const std::vector<std::size_t>& samples) {
        std::fill(cells.begin(), cells.end(), V(scalar_t<V>(0)));
        std::fill(others.begin(), others.end(), V(scalar_t<V>(1)));
        return list.template mix<shape<rows, columns, 1>>(cells.data(), others.data(), scratch, {4, 0, samples});
    }
};

}  // namespace

TEST_CASE("MixUp draws from Beta(alpha, alpha)") {
    constexpr std::size_t samples = 40'000;
    for (const double alpha : {0.2, 1.0, 3.0}) {
        INFO("alpha " << alpha);
        const augmentation_list list{MixUp{alpha}};
        mixed_images<double, augmentation_list<MixUp>> images;
        double sums[4] = {}, below = 0, outside = 0;
        for (std::size_t sample = 0; sample < samples; ++sample) {
            const double share = images.draw(list, {sample});
            outside += share >= 0 && share <= 1 ? 0 : 1;
            if (sample < 100) CHECK(images.cells[7] == Approx(1 - share));
            for (int k = 0; k < 4; ++k) sums[k] += std::pow(2 * share - 1, k + 1);
            below += share < 0.1 ? 1 : 0;
        }
        CHECK(outside == 0);
        // The moments of 2 l - 1: those of odd order are 0, and the others 1 / (2 a + 1) and 3 / (2 a + 1) / (2 a + 3).
        CHECK(std::abs(sums[0] / samples) < 0.015);
        CHECK(sums[1] / samples == Approx(1 / (2 * alpha + 1)).margin(0.008));
        CHECK(std::abs(sums[2] / samples) < 0.015);
        CHECK(sums[3] / samples == Approx(3 / ((2 * alpha + 1) * (2 * alpha + 3))).margin(0.008));
        // From scipy.stats.beta.cdf(0.1, a, a).
        const double expected = alpha == 0.2 ? 0.33669 : alpha == 1 ? 0.1 : 0.00856;
        CHECK(below / samples == Approx(expected).margin(0.01));
    }
    const augmentation_list tiny{MixUp{1e-6}};
    mixed_images<double, augmentation_list<MixUp>> images;
    for (std::size_t sample = 0; sample < 100; ++sample) {
        const double share = images.draw(tiny, {sample});
        CHECK((share == 0 || share == 1));
    }
}

TEST_CASE("CutMix pastes a rectangle, and counts its pixels") {
    const augmentation_list list{CutMix{{1, 1}}}, keras{CutMix{}};
    mixed_images<double, augmentation_list<CutMix>> images;
    constexpr std::size_t rows = images.rows, columns = images.columns, samples = 20'000;
    double shares = 0, squares = 0, of_keras = 0;
    for (std::size_t sample = 0; sample < samples; ++sample) {
        const double share = images.draw(list, {sample});
        shares += share;
        squares += share * share;
        if (sample < 300) {
            std::size_t top = rows, bottom = 0, left = columns, right = 0, pasted = 0;
            for (std::size_t i = 0; i < rows * columns; ++i) {
                if (images.cells[i] == 0) continue;
                ++pasted;
                top = std::min(top, i / columns), bottom = std::max(bottom, i / columns + 1);
                left = std::min(left, i % columns), right = std::max(right, i % columns + 1);
            }
            CHECK(share == Approx(1 - static_cast<double>(pasted) / (rows * columns)));
            if (pasted == 0) continue;
            CHECK((bottom - top) * (right - left) == pasted);
            CHECK(std::abs(static_cast<double>(bottom - top) / rows - std::sqrt(1 - share)) < 0.1);
        }
        const double other = images.draw(keras, {sample});
        of_keras += other * other;
    }
    // Uniform in [0, 1]; in Keras with an alpha that is uniform itself: 1/4 + the mean of 1 / (8 a + 4), (ln 3) / 8.
    CHECK(shares / samples == Approx(0.5).margin(0.01));
    CHECK(squares / samples == Approx(1.0 / 3).margin(0.01));
    CHECK(of_keras / samples == Approx(0.25 + std::log(3.0) / 8).margin(0.01));
}

TEST_CASE("the other sample is any one of the batch, and the same in every lane and precision") {
    const augmentation_list list{MixUp{}};
    std::vector<double> hits(7);
    for (std::size_t sample = 0; sample < 7000; ++sample)
        hits[list.draw_others<double>({.samples = {&sample, 1}}, hits.size())[0]] += 1;
    for (const double count : hits) CHECK(count == Approx(1000).margin(130));

    const std::vector<std::size_t> all{3, 70000, 12, 5'000'000'000, 0, 1, 99, 8, 41, 6, 17, 33, 2, 4, 5, 7};
    test::for_each_pack([&]<class V>(const V&, const char* name) {
        INFO(name);
        const std::vector<std::size_t> samples(all.begin(), all.begin() + lanes<V>);
        const auto places = list.draw_others<V>({.samples = samples}, 1000);
        mixed_images<V, augmentation_list<MixUp>> together;
        mixed_images<double, augmentation_list<MixUp>> alone;
        const V shares = together.draw(list, samples);
        for (std::size_t n = 0; n < lanes<V>; ++n) {
            CHECK(places[n] == list.draw_others<double>({.samples = {&samples[n], 1}}, 1000)[0]);
            CHECK(as_lanes(&shares)[n] == Approx(alone.draw(list, {samples[n]})).margin(1e-6));
        }
    });
}

TEST_CASE("settings of MixUp and CutMix that make no sense are refused") {
    CHECK_THROWS_WITH(augmentation_list(MixUp{0}),
                      contains("MixUp: alpha is 0.0, but must be a finite number above 0"));
    CHECK_THROWS_WITH(augmentation_list(CutMix{{0.5, 0.2}}),
                      contains("CutMix: factor is {0.5, 0.2}, but must be two numbers in [0, 1]"));
}
