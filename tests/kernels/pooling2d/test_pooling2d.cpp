#include "strata/kernels/pooling2d/pooling2d.hpp"

#include "kernels/pooling2d/pool_geometry.hpp"
#include "strata/kernels/activation/functions.hpp"
#include "support/catch.hpp"
#include "support/lanes.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

using namespace strata::authoring;
using namespace strata::authoring::test;
using kernels::conv2d_geometry;

namespace {

/// The cells of the input that the window of an output cell covers, in row-major order.
std::vector<std::size_t> window_cells(const conv2d_geometry& g, std::size_t output) {
    const std::size_t channel = output % g.channels, column = output / g.channels % g.output.columns;
    const std::size_t row = output / g.channels / g.output.columns;
    std::vector<std::size_t> cells;
    for (std::size_t i = 0; i < g.kernel.rows; ++i) {
        for (std::size_t j = 0; j < g.kernel.columns; ++j) {
            const std::size_t at_row = row * g.strides.rows + i, at_column = column * g.strides.columns + j;
            if (at_row < g.before.rows || at_row - g.before.rows >= g.input.rows) continue;
            if (at_column < g.before.columns || at_column - g.before.columns >= g.input.columns) continue;
            cells.push_back(((at_row - g.before.rows) * g.input.columns + at_column - g.before.columns) * g.channels +
                            channel);
        }
    }
    return cells;
}

template <conv2d_geometry G> void check_pool() {
    constexpr std::size_t inputs = G.input.rows * G.input.columns * G.channels;
    constexpr std::size_t outputs = G.output.rows * G.output.columns * G.channels;
    INFO("input " << G.input.rows << "x" << G.input.columns << "x" << G.channels << ", pool " << G.kernel.rows << "x"
                  << G.kernel.columns << ", strides " << G.strides.rows << "x" << G.strides.columns);
    const auto check = [&]<class V>(const V&, const char* name) {
        INFO(name);
        auto x = random_lanes<V>(inputs, 1);
        for (std::size_t i = 0; i + 1 < inputs; i += 5) x[i + 1] = x[i];  // several largest cells
        const auto dy = random_lanes<V>(outputs, 2);
        auto mean = unwritten_cells<V>(outputs), largest = unwritten_cells<V>(outputs);
        auto mean_dx = unwritten_cells<V>(inputs), largest_dx = unwritten_cells<V>(inputs);
        kernels::average_pooling2d_forward<G>(x.data(), mean.data());
        kernels::pooling2d_gradient<G, kernels::parts_of_mean>(x.data(), mean.data(), dy.data(), mean_dx.data());
        kernels::max_pooling2d_forward<G>(x.data(), largest.data());
        kernels::pooling2d_gradient<G, kernels::parts_of_maximum>(x.data(), largest.data(), dy.data(),
                                                                  largest_dx.data());
        for (std::size_t n = 0; n < lanes<V>; ++n) {
            const auto sample = lane(x, n), upstream = lane(dy, n);
            aligned_vector<double> means(outputs), maxima(outputs), mean_gradient(inputs), max_gradient(inputs);
            for (std::size_t o = 0; o < outputs; ++o) {
                const auto cells = window_cells(G, o);
                std::size_t winner = cells.front();
                for (const std::size_t cell : cells) {
                    means[o] += sample[cell] / double(cells.size());
                    mean_gradient[cell] += upstream[o] / double(cells.size());
                    if (sample[cell] > sample[winner]) winner = cell;
                }
                maxima[o] = sample[winner];
                max_gradient[winner] += upstream[o];
            }
            CHECK(relative_error(lane(mean, n), means) < rounding<V>);
            CHECK(relative_error(lane(mean_dx, n), mean_gradient) < rounding<V>);
            CHECK(relative_error(lane(largest, n), maxima) == 0);
            CHECK(relative_error(lane(largest_dx, n), max_gradient) < rounding<V>);
        }
    };
    check(0.0, "double");
    for_each_pack(check);
}

/// The gradient of a pool and of the activation before it, in one pass and one after the other.
template <conv2d_geometry G, template <class> class Parts, class Activation, bool Bias> void check_with_activation() {
    constexpr std::size_t inputs = G.input.rows * G.input.columns * G.channels;
    constexpr std::size_t outputs = G.output.rows * G.output.columns * G.channels;
    const auto check = [&]<class V>(const V&, const char* name) {
        using T = scalar_t<V>;
        INFO(name << ", " << G.channels << " channels");
        const auto x = random_lanes<V>(inputs, 1), dy = random_lanes<V>(outputs, 2);
        auto y = unwritten_cells<V>(outputs), expected = unwritten_cells<V>(inputs), dx = unwritten_cells<V>(inputs);
        kernels::max_pooling2d_forward<G>(x.data(), y.data());
        kernels::pooling2d_gradient<G, Parts>(x.data(), y.data(), dy.data(), expected.data());
        auto expected_db = random_values<T>(G.channels, 3), db = expected_db;
        kernels::activation_gradient<G.input.rows * G.input.columns, G.channels, Activation, Bias>(
            x.data(), expected.data(), expected_db.data());
        kernels::pooling2d_activation_gradient<G, Parts, Activation, Bias>(x.data(), y.data(), dy.data(), dx.data(),
                                                                           db.data());
        for (std::size_t n = 0; n < lanes<V>; ++n) CHECK(relative_error(lane(dx, n), lane(expected, n)) < rounding<V>);
        CHECK(relative_error(db, expected_db) < rounding<V>);
    };
    check(0.0, "double");
    for_each_pack(check);
}

}  // namespace

TEST_CASE("pooling2d: windows that cover the input without a rest") {
    check_pool<pool({6, 4}, 3, {2, 2}, {2, 2}, false)>();
    check_pool<pool({6, 9}, 1, {2, 3}, {2, 3}, true)>();
    check_pool<pool({5, 7}, 2, {5, 7}, {5, 7}, false)>();
    check_pool<pool({3, 3}, 2, {1, 1}, {1, 1}, false)>();
}

TEST_CASE("pooling2d: rows and columns that no window covers") {
    check_pool<pool({7, 9}, 3, {2, 2}, {2, 2}, false)>();
    check_pool<pool({7, 11}, 2, {2, 1}, {3, 3}, false)>();
}

TEST_CASE("pooling2d: windows that overlap") {
    check_pool<pool({7, 5}, 2, {3, 2}, {1, 1}, false)>();
    check_pool<pool({7, 5}, 7, {3, 3}, {2, 1}, true)>();
}

TEST_CASE("pooling2d: windows that reach over the border, on one side more than on the other") {
    check_pool<pool({7, 9}, 3, {2, 2}, {2, 2}, true)>();
    check_pool<pool({6, 5}, 2, {4, 4}, {3, 3}, true)>();
    check_pool<pool({3, 2}, 5, {7, 5}, {1, 2}, true)>();
}

TEST_CASE("max pooling of minus infinity gives it back, and its gradient goes to the first cell") {
    constexpr conv2d_geometry G = pool({2, 2}, 1, {2, 2}, {2, 2}, false);
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const aligned_vector<double> x(4, -infinity), dy{3};
    aligned_vector<double> y(1), dx(4);
    kernels::max_pooling2d_forward<G>(x.data(), y.data());
    kernels::pooling2d_gradient<G, kernels::parts_of_maximum>(x.data(), y.data(), dy.data(), dx.data());
    CHECK(y[0] == -infinity);
    CHECK(dx == aligned_vector<double>{3, 0, 0, 0});
}

TEST_CASE("pooling2d: the gradient of the activation before a pool, in the same pass") {
    using kernels::parts_of_maximum, kernels::parts_of_mean;
    check_with_activation<pool({6, 4}, 3, {2, 2}, {2, 2}, false), parts_of_mean, kernels::tanh, true>();
    check_with_activation<pool({6, 9}, 17, {2, 3}, {2, 3}, true), parts_of_maximum, kernels::relu, true>();
    check_with_activation<pool({2, 6}, 131, {2, 2}, {2, 2}, false), parts_of_mean, kernels::sigmoid, true>();
    check_with_activation<pool({5, 7}, 2, {5, 7}, {5, 7}, false), parts_of_maximum, kernels::linear, false>();
}

TEST_CASE("max pooling of a window with a NaN is NaN, wherever in the window it is") {
    constexpr conv2d_geometry G = pool({2, 2}, 1, {2, 2}, {2, 2}, false);
    for_each_pack([&]<class V>(const V&, const char* name) {
        INFO(name);
        for (std::size_t at = 0; at < 4; ++at) {
            aligned_vector<V> x(4, V(scalar_t<V>(1))), y(1);
            x[at] = V(std::numeric_limits<scalar_t<V>>::quiet_NaN());
            kernels::max_pooling2d_forward<G>(x.data(), y.data());
            for (std::size_t n = 0; n < lanes<V>; ++n) CHECK(std::isnan(as_lanes(y.data())[n]));
        }
    });
}

TEST_CASE("the mean of many cells has the rounding errors of few") {
    const auto check = []<conv2d_geometry G>() {
        auto cells = random_values<float>(G.input.rows * G.input.columns, 1);
        double sum = 0;
        for (float& cell : cells) sum += cell = 1 + cell / 4;
        const aligned_vector<pack<float>> x(cells.begin(), cells.end());
        aligned_vector<pack<float>> y(1);
        kernels::average_pooling2d_forward<G>(x.data(), y.data());
        CHECK(std::abs(as_lanes(y.data())[0] - sum / double(cells.size())) < 3 * 0x1p-24);
    };
    check.operator()<pool({224, 224}, 1, {224, 224}, {1, 1}, false)>();
    check.operator()<pool({1, 50000}, 1, {1, 50000}, {1, 1}, false)>();
}
