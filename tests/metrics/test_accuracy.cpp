#include "strata/metrics/accuracy.hpp"

#include "strata/core/shape.hpp"
#include "support/catch.hpp"

#include <array>
#include <cmath>
#include <cstddef>

using namespace strata::authoring;

namespace {

/// The metric of one sample, in double and in the lanes of a pack.
template <std::size_t Outputs, std::size_t Targets>
double accuracy(const std::array<double, Outputs>& y, const std::array<double, Targets>& target) {
    using V = pack<float>;
    const double one = Accuracy{}.value<shape<Outputs>, shape<Targets>>(y.data(), target.data());
    std::array<V, Outputs> wide_y;
    std::array<V, Targets> wide_target;
    for (std::size_t i = 0; i < Outputs; ++i) wide_y[i] = V(static_cast<float>(y[i]));
    for (std::size_t i = 0; i < Targets; ++i) wide_target[i] = V(static_cast<float>(target[i]));
    const V all = Accuracy{}.value<shape<Outputs>, shape<Targets>>(wide_y.data(), wide_target.data());
    CHECK(sum_lanes(all) == static_cast<float>(one) * static_cast<float>(lanes<V>));
    return one;
}

using row = std::array<double, 3>;
using number = std::array<double, 1>;

}  // namespace

TEST_CASE("Accuracy with a class number asks for the largest output there") {
    CHECK(accuracy(row{0.1, 0.7, 0.2}, number{1}) == 1);
    CHECK(accuracy(row{0.1, 0.7, 0.2}, number{0}) == 0);
    CHECK(accuracy(row{-3, -1, -2}, number{1}) == 1);
    CHECK(accuracy(row{0.4, 0.2, 0.4}, number{0}) == 1);  // the first of equals, as in numpy
    CHECK(accuracy(row{0.4, 0.2, 0.4}, number{2}) == 0);
    CHECK(accuracy(row{-INFINITY, 5, INFINITY}, number{2}) == 1);
}

TEST_CASE("Accuracy with a row of targets compares the places of the largest") {
    CHECK(accuracy(row{0.1, 0.7, 0.2}, row{0, 1, 0}) == 1);
    CHECK(accuracy(row{0.1, 0.7, 0.2}, row{0.5, 0.3, 0.2}) == 0);
}

TEST_CASE("Accuracy of one output compares sides of one half") {
    CHECK(accuracy(number{0.6}, number{1}) == 1);
    CHECK(accuracy(number{0.5}, number{0}) == 1);  // Keras: above the threshold, not at it
    CHECK(accuracy(number{0.4}, number{1}) == 0);
    CHECK(accuracy(number{0.6}, number{0}) == 0);
}

TEST_CASE("Accuracy of several rows is the mean over them") {
    using output = shape<4, 2>;
    const std::array<double, 8> y{9, 0, 1, 0, 1, 0, 0, 1}, target{1, 0, 0, 1, 0, 1, 0, 1};
    CHECK(Accuracy{}.value<output, output>(y.data(), target.data()) == 0.5);
    const std::array<double, 4> classes{0, 1, 1, 1}, single{1, 0, 1, 1}, seen{0.6, 0.7, 0.8, 0.1};
    CHECK(Accuracy{}.value<output, shape<4>>(y.data(), classes.data()) == 0.5);
    CHECK(Accuracy{}.value<shape<4, 1>, shape<4, 1>>(seen.data(), single.data()) == 0.5);
}
