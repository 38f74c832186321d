#include "strata/initializers/identity.hpp"

#include "support/catch.hpp"

#include <cmath>
#include <cstddef>
#include <vector>

using namespace strata::authoring;
using test::contains;

namespace {

std::vector<double> filled(initializer start, const std::vector<std::size_t>& extents) {
    std::size_t size = 1;
    for (const std::size_t extent : extents) size *= extent;
    std::vector<double> values(size, std::nan(""));  // all must be written
    random_stream random(0, 0);
    start({values, extents, {}, random});
    return values;
}

}  // namespace

TEST_CASE("Identity has ones along the main diagonal, also where it is not square") {
    CHECK(filled(Identity::fill, {3, 3}) == std::vector<double>{1, 0, 0, 0, 1, 0, 0, 0, 1});
    CHECK(filled(Identity::fill, {2, 4}) == std::vector<double>{1, 0, 0, 0, 0, 1, 0, 0});
    CHECK(filled(Identity::fill, {4, 2}) == std::vector<double>{1, 0, 0, 1, 0, 0, 0, 0});
    CHECK(filled(Identity::With<Gain<-2.5>>::fill, {1, 2}) == std::vector<double>{-2.5, 0});
}

TEST_CASE("Identity refuses what is no matrix") {
    CHECK_THROWS_AS(filled(Identity::fill, {3}), value_error);
    CHECK_THROWS_WITH(filled(Identity::fill, {3}), "Identity: only a matrix can start so; this parameter has 1 axis");
    CHECK_THROWS_WITH(filled(Identity::fill, {3, 3, 1, 2}), contains("this parameter has 4 axes"));
}
