#include "strata/model/sequential.hpp"

#include "strata/layers/embedding.hpp"
#include "support/catch.hpp"
#include "support/lenet5.hpp"
#include "support/small_models.hpp"
#include "support/xtensor.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <thread>
#include <vector>

using namespace strata::authoring;
using test::Classifier;

namespace {

template <class T> tensor<T, 4> images(std::size_t count, std::size_t extent) {
    tensor<T, 4> x(std::array<std::size_t, 4>{count, extent, extent, 1});
    random_stream random(3, 0);
    for (T& pixel : x) pixel = static_cast<T>(random.below(256));
    return x;
}

template <class T> tensor<T, 4> rows(const tensor<T, 4>& x, std::size_t first, std::size_t count) {
    const auto& shape = x.shape();
    tensor<T, 4> part(std::array<std::size_t, 4>{count, shape[1], shape[2], shape[3]});
    const std::size_t size = shape[1] * shape[2] * shape[3];
    std::copy_n(x.data() + first * size, count * size, part.data());
    return part;
}

/// The largest difference between the rows of `some` and those of `all` from `first` on.
template <class Result> double difference(const Result& some, const Result& all, std::size_t first) {
    const std::size_t size = some.size() / some.shape()[0];
    double largest = 0;
    for (std::size_t i = 0; i < some.size(); ++i) {
        const double d = std::abs(double(some.data()[i]) - double(all.data()[first * size + i]));
        largest = std::isnan(d) ? std::numeric_limits<double>::infinity() : std::max(largest, d);
    }
    return largest;
}

/// A few rows, which are predicted one by one, against the same rows among many.
template <class Model, class T> double few_against_many(const Model& model, const tensor<T, 4>& x) {
    const auto all = model.predict(x);
    double largest = 0;
    for (std::size_t count = 1; count <= 5; ++count) {
        for (std::size_t first = 0; first + count <= x.shape()[0]; first += count)
            largest = std::max(largest, difference(model.predict(rows(x, first, count)), all, first));
    }
    return largest;
}

}  // namespace

TEST_CASE("predict: a few rows are what they are among many") {
    const test::LeNet5 model(1);
    CHECK(few_against_many(model, images<std::uint8_t>(19, 28)) < 1e-6);
    const test::LeNet5::with<double> precise(1);
    CHECK(few_against_many(precise, images<std::uint8_t>(7, 28)) < 1e-14);
    CHECK(few_against_many(Classifier{}, images<double>(7, 6)) < 1e-6);
}

TEST_CASE("predict: a row is the same among any number of others, with any number of threads", "[threads]") {
    using Wide = Sequential<Input<6, 6, 1>, Flatten, Dense<84, ReLU>, Dense<24, Softmax>>;
    const auto check = []<class Model>(const Model& model) {
        constexpr std::size_t most = 211;
        const auto x = images<float>(most, 6);
        set_threads(1);
        const auto all = model.predict(x);
        for (const std::size_t count : {4, 17, 48, 49, 97, 150, 210}) {
            for (const std::size_t used : {1, 2, 3}) {
                set_threads(used);
                CHECK(difference(model.predict(rows(x, most - count, count)), all, most - count) == 0);
            }
        }
        set_threads(0);
    };
    static_assert(Wide::network::samples_at_once<pack<float>> > 1);
    check(Wide(1));
    check(Wide::with<mixed_bfloat16>(1));
}

TEST_CASE("predict: the bytes of one image count as fractions") {
    const Classifier model(1);
    const auto bytes = images<std::uint8_t>(1, 6);
    tensor<float, 4> fractions = images<float>(1, 6);
    for (float& pixel : fractions) pixel *= 1.f / 255;
    CHECK(difference(model.predict(bytes), model.predict(fractions), 0) < 1e-6);
}

TEST_CASE("predict fills a result that the caller keeps") {
    const Classifier model(1);
    for (const std::size_t count : {0, 1, 3, 4, 40}) {
        const auto x = test::make_images(count).x;
        const auto expected = model.predict(x);
        tensor<float, 2> result(std::array<std::size_t, 2>{count, 3}, -1.f);
        const float* const memory = result.data();
        model.predict(x, result);
        CHECK((result == expected));
        CHECK(result.data() == memory);
    }
}

TEST_CASE("predict reads and fills plain buffers, adaptors and views") {
    const Classifier model(1);
    const auto x = test::make_images(40).x;
    const auto expected = model.predict(x);
    std::vector<float> y(41 * 3, -1.f);
    static_assert(noexcept(model.predict(x.data(), 40, y.data()))&& noexcept(model.predict(x.data(), y.data())));
    model.predict(x.data(), 40, y.data());
    CHECK(std::equal(expected.begin(), expected.end(), y.begin()));
    CHECK(y[120] == -1);
    model.predict(x.data() + 36, y.data());
    CHECK(std::abs(y[0] - expected(1, 0)) < 1e-6);
    CHECK(y[3] == expected(1, 0));
    const std::vector<double> precise(x.begin(), x.end());
    model.predict(precise.data(), 40, y.data());
    CHECK(std::equal(expected.begin(), expected.end(), y.begin()));

    std::fill(y.begin(), y.end(), -1.f);
    model.predict(x, xt::adapt(y.data(), {40, 3}));
    CHECK(std::equal(expected.begin(), expected.end(), y.begin()));
    tensor<float, 2> result(std::array<std::size_t, 2>{45, 3}, -1.f);
    model.predict(x, xt::view(result, xt::range(2, 42)));
    CHECK(result(1, 2) == -1);
    CHECK(std::equal(expected.begin(), expected.end(), result.begin() + 6));
    CHECK(result(42, 0) == -1);

    tensor<float, 2> wide(std::array<std::size_t, 2>{40, 4});
    CHECK_THROWS_WITH(model.predict(x, xt::view(wide, xt::all(), xt::range(0, 3))), test::contains("row-major"));
    xt::xtensor<float, 2, xt::layout_type::column_major> columns({40, 3});
    CHECK_THROWS_AS(model.predict(x, columns), shape_error);

    const Sequential<Input<2>, Embedding<3, 2>> words;
    const std::int32_t good[] = {0, 2}, bad[] = {0, 3};
    static_assert(!noexcept(words.predict(good, y.data())));
    words.predict(good, y.data());
    CHECK_THROWS_WITH(words.predict(bad, y.data()), test::contains("value 3 of sample 0"));
}

TEST_CASE("predict refuses a result of another shape") {
    const Classifier model;
    const auto x = test::make_images(2).x;
    tensor<float, 2> narrow(std::array<std::size_t, 2>{2, 2}), long_one(std::array<std::size_t, 2>{3, 3});
    CHECK_THROWS_AS(model.predict(x, narrow), shape_error);
    CHECK_THROWS_WITH(model.predict(x, long_one), "predict: the result must have the shape (2, 3), it has (3, 3)");
    tensor<float, 2> right(std::array<std::size_t, 2>{1, 3});
    CHECK_THROWS_AS(model.predict(right, right), shape_error);  // the input
}

TEST_CASE("predict of one row by many threads at once", "[threads]") {
    const Classifier model(1);
    const auto x = test::make_images(64).x;
    const auto expected = model.predict(x);
    std::vector<double> largest(8);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < largest.size(); ++t) {
        threads.emplace_back([&, t] {
            for (std::size_t i = 0; i < 200; ++i) {
                const std::size_t row = (i * 7 + t) % 64;
                largest[t] = std::max(largest[t], difference(model.predict(rows(x, row, 1)), expected, row));
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(*std::max_element(largest.begin(), largest.end()) < 1e-6);
}
