#include "strata/kernels/regularization/normal_noise.hpp"

#include "support/catch.hpp"
#include "support/lanes.hpp"

#include <cmath>

using namespace strata::authoring;
using namespace strata::authoring::kernels;

TEST_CASE("normal numbers are where their distribution function has the uniform ones") {
    strata::authoring::test::for_each_pack([]<class V>(V, const char* name) {
        INFO(name);
        for (double x :
             {-0x1.fffffep-1, -0.999, -0.98, -0.5, -0.1, -0x1p-24, 0x1p-24, 0.3, 0.7, 0.99, 0.9944, 0x1.fffffep-1}) {
            const V normal = normal_from_uniform(constant<V>(x));
            const double found = double(as_lanes(&normal)[lanes<V> - 1]);
            INFO(x << ": " << found);
            // A change by so many digits has to cross the exact place.
            const auto uniform = [](double z) { return std::erf(z / std::sqrt(2.0)); };
            CHECK((uniform(found - 2e-6 * std::abs(found)) < x) != (uniform(found + 2e-6 * std::abs(found)) < x));
        }
    });
}
