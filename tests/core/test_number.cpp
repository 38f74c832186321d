#include "strata/core/number.hpp"

#include "support/catch.hpp"

#include <limits>
#include <type_traits>

using namespace strata::authoring;

namespace {

template <number Value> struct holder {
    static constexpr double value = Value;
};

static_assert(std::is_same_v<holder<0.25>, holder<0.25>>);
static_assert(std::is_same_v<holder<1>, holder<1.0>>);
static_assert(std::is_same_v<holder<0.25f>, holder<0.25>>);
static_assert(std::is_same_v<holder<0.0>, holder<-0.0>>);
static_assert(!std::is_same_v<holder<0.1>, holder<0.1f>>);
static_assert(!std::is_same_v<holder<0.25>, holder<-0.25>>);

template <class T>
concept takes_nan = requires { typename holder<std::numeric_limits<T>::quiet_NaN()>; };
static_assert(!takes_nan<double>);

}  // namespace

TEST_CASE("a number as a template argument keeps its value") {
    CHECK(holder<0.9>::value == 0.9);
    CHECK(holder<1e-5>::value == 1e-5);
    CHECK(holder<-3>::value == -3);
    CHECK(holder<7u>::value == 7);
    CHECK(holder<std::numeric_limits<double>::infinity()>::value == std::numeric_limits<double>::infinity());
    CHECK(holder<std::numeric_limits<double>::denorm_min()>::value > 0);
    const double product = 2 * number(0.5) + 1;
    CHECK(product == 2);
}
