#include "strata/data/augmentation/geometric.hpp"
#include "strata/data/augmentation/pixels.hpp"
#include "support/augmentation.hpp"
#include "support/catch.hpp"
#include "support/keras_vectors.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

using namespace strata::authoring;
using test::contains;
using test::image;
using test::places_of_pixels;
using test::run_augmentation;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

image random_image(const image_size& size, std::uint64_t seed = 1) {
    const auto values = test::random_values(size.cells(), seed);
    return {values.begin(), values.end()};
}

/// The pixel (r, c) of an image is that of `from` at place(r, c), a row and a column, or zero outside.
image moved(const image& from, const image_size& size, const std::function<std::pair<int, int>(int, int)>& place) {
    image result(from.size());
    const int rows = static_cast<int>(size.rows), columns = static_cast<int>(size.columns);
    for (int r = 0; r < rows; ++r) {
        for (int c = 0; c < columns; ++c) {
            const auto [y, x] = place(r, c);
            if (y < 0 || y >= rows || x < 0 || x >= columns) continue;
            for (std::size_t k = 0; k < size.channels; ++k)
                result[static_cast<std::size_t>(r * columns + c) * size.channels + k] =
                    from[static_cast<std::size_t>(y * columns + x) * size.channels + k];
        }
    }
    return result;
}

/// A list of the operation that has the class and the settings of a case of Keras, which draws nothing.
image run_case(const nlohmann::ordered_json& description, const image_size& size, const image& x) {
    const std::string name = description["class"];
    const auto& config = description["config"];
    const auto range = [&](const char* key) { return factor_range(config[key][0], config[key][1]); };
    FillMode mode = FillMode::reflect;
    if (config.contains("fill_mode")) {
        const std::string text = config["fill_mode"];
        mode = text == "constant"  ? FillMode::constant
               : text == "nearest" ? FillMode::nearest
               : text == "wrap"    ? FillMode::wrap
                                   : FillMode::reflect;
    }
    const double value = config.value("fill_value", 0.0);
    const auto run = [&](const auto& operation) { return run_augmentation(augmentation_list(operation), size, x); };
    if (name == "RandomRotation") return run(RandomRotation{range("factor"), mode, value});
    if (name == "RandomTranslation")
        return run(RandomTranslation{range("height_factor"), range("width_factor"), mode, value});
    if (name == "RandomZoom") return run(RandomZoom{range("height_factor"), range("width_factor"), mode, value});
    if (name == "RandomBrightness") return run(RandomBrightness{range("factor")});
    if (name == "RandomContrast") return run(RandomContrast{{config["factor"][1], config["factor"][1]}});
    REQUIRE(name == "RandomShear");
    const auto of_sign = [&](double sign) {
        return run(RandomShear{{sign * double(config["x_factor"][0]), sign * double(config["x_factor"][0])},
                               {sign * double(config["y_factor"][0]), sign * double(config["y_factor"][0])},
                               mode,
                               value});
    };
    return lane_random<double>({0, 0, std::array<std::size_t, 1>{0}}, 0).below(2) == 0 ? of_sign(1) : of_sign(-1);
}

}  // namespace

TEST_CASE("augmentations of given parameters have the values of Keras' layers") {
    const test::keras_vectors vectors{"augmentation"};
    const image_size size{5, 6, 2};
    const auto x = vectors.tensor("inputs/x");
    for (const std::string& name : vectors.cases()) {
        const image found = run_case(vectors.description(name), size, x.values);
        INFO(name);
        CHECK(test::relative_error(found, vectors.tensor(name + "/y").values) < 3e-7);  // Keras' maps are of floats
    }
}

TEST_CASE("movements by whole pixels only move pixels") {
    const image_size size{6, 6, 2};
    const image x = random_image(size);
    const auto run = [&](const auto&... operations) {
        return run_augmentation(augmentation_list(operations...), size, x);
    };
    const RandomTranslation shift{{1.0 / 2, 1.0 / 2}, {-1.0 / 6, -1.0 / 6}, FillMode::constant};
    CHECK(test::relative_error(run(shift), moved(x, size, [](int r, int c) { return std::pair(r - 3, c + 1); })) <
          1e-14);
    const RandomRotation quarter{{0.25, 0.25}, FillMode::constant};
    CHECK(test::relative_error(run(quarter), moved(x, size, [](int r, int c) { return std::pair(c, 5 - r); })) < 1e-14);
    CHECK(run(RandomTranslation{0, 0}, RandomRotation{0}, RandomZoom{0}, RandomShear{}, RandomElasticTransform{0}) ==
          x);

    const image flipped = moved(x, size, [](int r, int c) { return std::pair(r, 5 - c); });
    std::size_t flips = 0;
    for (std::size_t sample = 0; sample < 400; ++sample) {
        const image y = run_augmentation(augmentation_list(RandomFlip{FlipMode::horizontal}), size, x, sample);
        REQUIRE((y == x || y == flipped));
        flips += y == flipped ? 1 : 0;
    }
    CHECK(std::abs(static_cast<double>(flips) - 200) < 40);  // four deviations

    std::vector<int> crops(25);
    for (std::size_t sample = 0; sample < 1000; ++sample) {
        const image y = run_augmentation(augmentation_list(RandomCrop{2}), size, x, sample);
        for (int place = 0; place < 25; ++place) {
            const auto from = [&](int r, int c) { return std::pair(r + place / 5 - 2, c + place % 5 - 2); };
            crops[static_cast<std::size_t>(place)] += y == moved(x, size, from) ? 1 : 0;
        }
    }
    int all = 0;
    for (const int count : crops) {
        all += count;
        CHECK(std::abs(count - 40) < 26);
    }
    CHECK(all == 1000);
}

TEST_CASE("movements next to each other are made as one") {
    // Flips by one half after a zoom to the double would lose what the zoom moved out of the image.
    const image_size size{8, 8, 2};
    const image x = random_image(size);
    const RandomZoom in{{-0.5, -0.5}, {}, FillMode::nearest}, out{{1, 1}, {}, FillMode::nearest};
    CHECK(test::relative_error(run_augmentation(augmentation_list(in, out), size, x), x) < 1e-14);
    // Where the fillings differ, they are not; nor where values are changed in between.
    const RandomZoom other{{1, 1}, {}, FillMode::constant};
    CHECK(test::relative_error(run_augmentation(augmentation_list(in, other), size, x), x) > 0.1);
    const RandomBrightness nothing{0, {-1, 1}};
    CHECK(test::relative_error(run_augmentation(augmentation_list(in, nothing, out), size, x), x) > 0.1);
    // The first of two comes first: a shift to the right of what is then zoomed out moves by half as much.
    const image_size wide{1, 9, 1};
    const image dot{0, 0, 0, 0, 1, 0, 0, 0, 0};
    const RandomTranslation right{0, {4.0 / 9, 4.0 / 9}, FillMode::constant};
    const RandomZoom half{0, factor_range{1, 1}, FillMode::constant};
    CHECK(run_augmentation(augmentation_list(right, half), wide, dot)[6] == Approx(1));
    CHECK(run_augmentation(augmentation_list(half, right), wide, dot)[8] == Approx(1));
}

TEST_CASE("movements are drawn uniformly") {
    // Pixels that hold their places show where they come from.
    const image_size size{9, 9, 2};
    const image places = places_of_pixels(size);
    const std::size_t center = 2 * (4 * 9 + 4), samples = 4000;
    const auto check_uniform = [&](const auto& operation, const auto& parameter, double lower, double upper) {
        double sum = 0, squares = 0, least = 1e9, most = -1e9;
        for (std::size_t sample = 0; sample < samples; ++sample) {
            const double p = parameter(run_augmentation(augmentation_list(operation), size, places, sample));
            sum += p, squares += p * p, least = std::min(least, p), most = std::max(most, p);
        }
        const double mean = sum / samples, deviation = std::sqrt(squares / samples - mean * mean),
                     length = upper - lower;
        CHECK(std::abs(mean - (lower + upper) / 2) < 0.02 * length);  // four deviations
        CHECK(deviation == Approx(length / std::sqrt(12.0)).epsilon(0.03));
        CHECK((least >= lower - 1e-6 && least < lower + 0.01 * length && most < upper + 1e-6 &&
               most > upper - 0.01 * length));
    };
    const auto x0 = [&](const image& y) { return (4 - y[center]) / 9; };
    const auto y0 = [&](const image& y) { return (4 - y[center + 1]) / 9; };
    const auto yx = [&](const image& y) { return y[center + 3] - y[center + 1]; };
    const auto xx = [&](const image& y) { return y[center + 2] - y[center]; };
    const auto yy = [&](const image& y) { return y[center + 19] - y[center + 1]; };
    const auto angle = [&](const image& y) { return std::atan2(yx(y), xx(y)) / (2 * std::numbers::pi); };
    check_uniform(RandomTranslation{0.2, {-0.1, 0.3}}, x0, -0.1, 0.3);
    check_uniform(RandomTranslation{0.2, {-0.1, 0.3}}, y0, -0.2, 0.2);
    check_uniform(RandomRotation{0.1}, angle, -0.1, 0.1);
    check_uniform(RandomZoom{0.2, 0.1}, yy, 0.8, 1.2);
    check_uniform(RandomZoom{0.2, factor_range{0, 0.1}}, xx, 1, 1.1);
    check_uniform(RandomShear{0.1, 0.2}, yx, -0.2, 0.2);
    const image y = run_augmentation(augmentation_list(RandomZoom{0.2}), size, places, 7);
    CHECK(xx(y) == Approx(yy(y)));  // the aspect is kept
}

TEST_CASE("an elastic field has the deviation and the smoothness of the Gaussian filter") {
    const image_size size{40, 40, 2};
    const image places = places_of_pixels(size);
    const double sigma = GENERATE(2.0, 4.5), alpha = 8,
                 variance = alpha * alpha / 3 / (4 * std::numbers::pi * sigma * sigma);
    const augmentation_list list{RandomElasticTransform{alpha, sigma}};
    // Sums of products of displacements at some distance along a row, of both axes, well within the image.
    constexpr std::size_t distances = 9, samples = 300;
    double products[distances] = {}, along_columns = 0, crossed = 0, fourth = 0, mean = 0;
    for (std::size_t sample = 0; sample < samples; ++sample) {
        const image y = run_augmentation(list, size, places, sample);
        const auto displacement = [&](std::size_t r, std::size_t c, std::size_t axis) {
            const std::size_t i = 2 * (r * 40 + c) + axis;
            return y[i] - places[i];
        };
        for (std::size_t place = 8; place < 32; place += 3) {
            const std::size_t r = place, c = (place * 7) % 23 + 8;
            for (std::size_t axis = 0; axis < 2; ++axis) {
                const double d = displacement(r, c, axis);
                for (std::size_t k = 0; k < distances; ++k)
                    products[k] += d * displacement(r, c + (c < 20 ? k : -k), axis);
                along_columns += d * displacement(r < 20 ? r + 4 : r - 4, c, axis);
                fourth += d * d * d * d, mean += d;
            }
            crossed += displacement(r, c, 0) * displacement(r, c, 1);
        }
    }
    const double count = samples * 8 * 2;
    INFO(sigma);
    CHECK(std::abs(mean / count) < 0.06 * std::sqrt(variance));
    CHECK(fourth / count / (variance * variance) == Approx(3).margin(0.2));  // as of a normal distribution
    CHECK(std::abs(crossed / (count / 2) / variance) < 0.08);
    const auto expected = [&](double d) { return std::exp(-d * d / (4 * sigma * sigma)); };
    CHECK(std::abs(along_columns / count / variance - expected(4)) < 0.06);
    for (std::size_t k = 0; k < distances; ++k) {
        INFO(k);
        CHECK(std::abs(products[k] / count / variance - expected(static_cast<double>(k))) < 0.06);
    }
}

TEST_CASE("movements refuse settings that make no sense") {
    CHECK_THROWS_WITH(augmentation_list(RandomRotation{.factor = -0.1}),
                      "RandomRotation: factor is drawn from [0.1, -0.1], but must be one number, 0 or more, or two in "
                      "order, within [-1.0, 1.0]");
    CHECK_THROWS_AS(augmentation_list(RandomRotation{.factor = not_a_number}), value_error);
    CHECK_THROWS_WITH(augmentation_list(RandomTranslation{.height_factor = 2, .width_factor = 0}),
                      contains("RandomTranslation: height_factor"));
    CHECK_THROWS_WITH(augmentation_list(RandomTranslation{.height_factor = 0, .width_factor = {0.1, not_a_number}}),
                      contains("RandomTranslation: width_factor"));
    CHECK_THROWS_WITH(augmentation_list(RandomZoom{.height_factor = {-1, 0}}), contains("RandomZoom: height_factor"));
    CHECK_THROWS_WITH(augmentation_list(RandomZoom{.height_factor = 0, .width_factor = 3}),
                      contains("RandomZoom: width_factor"));
    CHECK_THROWS_WITH(augmentation_list(RandomShear{.x_factor = -1}), contains("RandomShear: x_factor"));
    CHECK_THROWS_WITH(augmentation_list(RandomShear{.y_factor = not_a_number}), contains("RandomShear: y_factor"));
    CHECK_THROWS_WITH(augmentation_list(RandomCrop{.padding = 40000}), contains("RandomCrop: padding is 40000"));
    CHECK_THROWS_WITH(augmentation_list(RandomElasticTransform{.alpha = -1}),
                      "RandomElasticTransform: alpha is -1.0, but must lie in [0.0, 1e6]");
    CHECK_THROWS_WITH(augmentation_list(RandomElasticTransform{.sigma = not_a_number}), contains("sigma is nan"));
}
