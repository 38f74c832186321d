#include "strata/core/finite.hpp"

#include "support/catch.hpp"

#include <limits>

using strata::authoring::is_finite;

TEMPLATE_TEST_CASE("is_finite knows infinities and NaN by their bits", "", float, double) {
    using limits = std::numeric_limits<TestType>;
    for (const TestType value : {TestType(0), TestType(-1), limits::max(), limits::lowest(), limits::denorm_min()})
        CHECK(is_finite(value));
    for (const TestType value : {limits::infinity(), -limits::infinity(), limits::quiet_NaN(), -limits::quiet_NaN()})
        CHECK_FALSE(is_finite(value));
}
