#include "strata/data/augmentation/augment.hpp"
#include "strata/data/augmentation/augmentation.hpp"
#include "strata/data/augmentation/geometric.hpp"
#include "strata/data/augmentation/pixels.hpp"
#include "support/augmentation.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

using namespace strata::authoring;
using test::contains;
using test::image;
using test::run_augmentation;

namespace {

/// All operations, in two groups of movements.
const augmentation_list everything{
    RandomFlip{},          RandomTranslation{0.1, 0.1},   RandomRotation{0.05}, RandomZoom{0.1, 0.2},
    RandomShear{0.1, 0.1}, RandomElasticTransform{10, 2}, RandomErasing{0.5},   RandomBrightness{0.1},
    RandomContrast{0.3},   RandomGaussianNoise{0.1},      RandomCrop{1}};

const image_size size{7, 6, 2};

/// Each sample has an image of its own, of values in [0, 1).
image image_of(std::size_t sample) {
    image values(size.cells());
    random_stream random(5, sample);
    for (double& value : values) value = static_cast<float>(random.uniform());
    return values;
}

}  // namespace

TEST_CASE("a sample is changed alike in every pack, lane and precision") {
    const augmentation_keys keys{.seed = 9, .epoch = 4};
    const std::vector<std::size_t> samples{3, 70000, 12, 5'000'000'000, 0, 1, 99, 8, 41, 6, 17, 33, 2, 4, 5, 7};
    std::vector<image> reference;
    for (const std::size_t sample : samples)
        reference.push_back(run_augmentation<double>(everything, size, {sample}, image_of, keys)[0]);
    test::for_each_pack([&]<class V>(const V&, const char* name) {
        INFO(name);
        const std::size_t count = std::min(lanes<V>, samples.size());
        const std::vector<std::size_t> first(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(count));
        const auto together = run_augmentation<V>(everything, size, first, image_of, keys);
        for (std::size_t n = 0; n < count; ++n) {
            INFO(n);
            CHECK(test::relative_error(together[n], reference[n]) <
                  30 * test::rounding<V>);  // a pixel's place is rounded, too
            // In another lane, with other samples, and alone in a pack that is not full: the same bits.
            const std::size_t other = samples[(n + 1) % samples.size()];
            CHECK(run_augmentation<V>(everything, size, {other, samples[n]}, image_of, keys).back() == together[n]);
            CHECK(run_augmentation<V>(everything, size, {samples[n]}, image_of, keys)[0] == together[n]);
        }
    });
    const image same = run_augmentation<float>(everything, size, {12}, image_of, keys)[0];
    CHECK(test::relative_error(same, reference[2]) < 30 * test::rounding<float>);
}

TEST_CASE("another seed, epoch, sample or place in the list draws other numbers") {
    const augmentation_keys keys{.seed = 9, .epoch = 4};
    const auto brightness_with = [](const augmentation_keys& k, std::size_t sample) {
        return run_augmentation<double>(
            augmentation_list(RandomBrightness{0.2, {-9, 9}}), {1, 1, 1}, {sample},
            [](std::size_t) { return image{0}; }, k)[0][0];
    };
    const double value = brightness_with(keys, 1);
    CHECK(value == brightness_with(keys, 1));
    CHECK(value != brightness_with({.seed = 8, .epoch = 4}, 1));
    CHECK(value != brightness_with({.seed = 9 + (std::uint64_t{1} << 32), .epoch = 4}, 1));
    CHECK(value != brightness_with({.seed = 9, .epoch = 5}, 1));
    CHECK(value != brightness_with({.seed = 9, .epoch = 4 + (std::uint64_t{1} << 32)}, 1));
    CHECK(value != brightness_with(keys, 2));
    CHECK(value != brightness_with(keys, 1 + (std::size_t{1} << 32)));
    const augmentation_list twice{RandomBrightness{0.2, {-9, 9}}, RandomBrightness{0.2, {-9, 9}}};
    const auto both = run_augmentation<double>(
        twice, {1, 1, 1}, {1}, [](std::size_t) { return image{0}; }, keys)[0][0];
    CHECK(both != Approx(2 * value));
}

TEST_CASE("RandomGaussianNoise is normal, and of its own for each value") {
    const image_size large{50, 40, 1};
    const augmentation_list list{RandomGaussianNoise{0.5}};
    double sums[4] = {}, neighbours = 0, other_samples = 0, within_one = 0, beyond_two = 0;
    image before(large.cells());
    constexpr std::size_t samples = 50;
    for (std::size_t sample = 0; sample < samples; ++sample) {
        const image y = run_augmentation(list, large, image(large.cells(), 3), sample);
        for (std::size_t i = 0; i < y.size(); ++i) {
            const double z = (y[i] - 3) / 0.5;
            for (int k = 0; k < 4; ++k) sums[k] += std::pow(z, k + 1);
            if (i > 0) neighbours += z * (y[i - 1] - 3) / 0.5;
            other_samples += z * before[i];
            within_one += std::abs(z) < 1 ? 1 : 0;
            beyond_two += std::abs(z) > 2 ? 1 : 0;
            before[i] = z;
        }
    }
    const double count = static_cast<double>(samples * large.cells());  // 100,000: a deviation of 0.003 for means
    CHECK(std::abs(sums[0] / count) < 0.013);
    CHECK(sums[1] / count == Approx(1).margin(0.018));
    CHECK(std::abs(sums[2] / count) < 0.05);
    CHECK(sums[3] / count == Approx(3).margin(0.13));
    CHECK(within_one / count == Approx(0.6827).margin(0.006));
    CHECK(beyond_two / count == Approx(0.0455).margin(0.0027));
    CHECK(std::abs(neighbours / count) < 0.013);
    CHECK(std::abs(other_samples / count) < 0.013);
}

TEST_CASE("RandomErasing fills rectangles of the sides that its scale says") {
    const image_size large{20, 30, 2};
    double rows_sum = 0, erased = 0;
    std::vector<std::size_t> hits(large.pixels());
    constexpr std::size_t samples = 2000;
    for (std::size_t sample = 0; sample < samples; ++sample) {
        const image y = run_augmentation(augmentation_list(RandomErasing{0.7, {0.04, 0.25}, -1}), large,
                                         image(large.cells(), 1), sample);
        std::size_t top = 20, bottom = 0, left = 30, right = 0, filled = 0;
        for (std::size_t i = 0; i < y.size(); ++i) {
            if (y[i] == 1) continue;
            REQUIRE(y[i] == -1);
            const std::size_t r = i / 60, c = i / 2 % 30;
            top = std::min(top, r), bottom = std::max(bottom, r + 1);
            left = std::min(left, c), right = std::max(right, c + 1);
            ++filled;
            ++hits[i / 2];
        }
        if (filled == 0) continue;
        REQUIRE(filled == 2 * (bottom - top) * (right - left));
        erased += 1;
        REQUIRE((bottom - top >= 4 && bottom - top <= 11 && right - left >= 6 && right - left <= 16));
        rows_sum += static_cast<double>(bottom - top);
    }
    CHECK(erased / samples == Approx(0.7).margin(0.04));
    // The mean of the root of a number that is uniform in [0.04, 0.25].
    CHECK(rows_sum / erased == Approx(20 * 2.0 / 3 * (0.125 - 0.008) / 0.21).epsilon(0.03));
    CHECK(hits[10 * 30 + 15] > 200);
    for (const std::size_t at_edge : {15, 19 * 30 + 15, 10 * 30, 10 * 30 + 29}) CHECK(hits[at_edge] > 5);
}

TEST_CASE("the settings of operations on values are checked") {
    CHECK_THROWS_WITH(augmentation_list(RandomBrightness{.factor = 2}), contains("RandomBrightness: factor"));
    CHECK_THROWS_WITH(
        augmentation_list(RandomBrightness{.factor = 1, .value_range = {1, 0}}),
        "RandomBrightness: value_range is {1.0, 0.0}, but must be two finite numbers, the smaller one first");
    CHECK_THROWS_WITH(augmentation_list(RandomContrast{.factor = -1}), contains("RandomContrast: factor"));
    CHECK_THROWS_WITH(augmentation_list(RandomContrast{.factor = 0, .value_range = {0, NAN}}),
                      contains("RandomContrast: value_range"));
    CHECK_THROWS_WITH(augmentation_list(RandomGaussianNoise{.stddev = -1}),
                      contains("RandomGaussianNoise: stddev is -1"));
    CHECK_THROWS_WITH(augmentation_list(RandomErasing{.factor = 1.5}), contains("RandomErasing: factor"));
    CHECK_THROWS_WITH(augmentation_list(RandomErasing{.factor = 1, .scale = {0.3, 0.1}}),
                      contains("RandomErasing: scale"));
    CHECK_THROWS_WITH(augmented(tensor<float, 4>{}, RandomGaussianNoise{.stddev = NAN}), contains("stddev is nan"));
}

TEST_CASE("RandomContrast finds the mean of large images") {
    tensor<float, 4> image(std::array<std::size_t, 4>{1, 1000, 1000, 1});
    image.fill(0.9f);
    const tensor<float, 4> found = augment(image, augmentation_list{RandomContrast{.factor = {-1.0, -1.0}}});
    CHECK(found(0, 500, 500, 0) == Approx(0.9).epsilon(1e-6));
}

TEST_CASE("augment gives the images that fit sees, bytes scaled to 1") {
    tensor<std::uint8_t, 4> bytes(std::array<std::size_t, 4>{19, 7, 6, 2});
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes.data()[i] = static_cast<std::uint8_t>(i * 37 % 256);
    const tensor<float, 4> results = augment(bytes, everything, {.seed = 9, .epoch = 4});
    REQUIRE(results.shape() == bytes.shape());
    for (const std::size_t sample : {std::size_t{0}, std::size_t{18}}) {
        const auto of_sample = [&](std::size_t s) {
            image values(size.cells());
            for (std::size_t i = 0; i < values.size(); ++i) values[i] = bytes.data()[s * size.cells() + i] / 255.0;
            return values;
        };
        const image expected =
            run_augmentation<double>(everything, size, {sample}, of_sample, {.seed = 9, .epoch = 4})[0];
        const std::vector<float> found(results.data() + sample * size.cells(),
                                       results.data() + (sample + 1) * size.cells());
        CHECK(test::relative_error(found, expected) < 30 * test::rounding<float>);
    }
    CHECK_THROWS_WITH(augment(tensor<float, 2>(std::array<std::size_t, 2>{3, 4}), everything),
                      "augment: an array of shape (N, rows, columns, channels) is needed, (3, 4) was given");
}
