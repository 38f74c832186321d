#include "strata/kernels/activation/apply.hpp"

#include "strata/kernels/activation/functions.hpp"
#include "support/catch.hpp"
#include "support/lanes.hpp"

#include <cstddef>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

template <std::size_t Rows, std::size_t Columns, class Activation, bool Bias> void check_gradient() {
    for_each_pack([]<class V>(const V&, const char* name) {
        using T = scalar_t<V>;
        INFO(name << ", " << Rows << "x" << Columns);
        const auto y = random_lanes<V>(Rows * Columns, 1), upstream = random_lanes<V>(Rows * Columns, 2);
        auto dy = upstream;
        auto db = random_values<T>(Columns, 3);
        kernels::activation_gradient<Rows, Columns, Activation, Bias>(y.data(), dy.data(), Bias ? db.data() : nullptr);

        aligned_vector<double> expected_db = random_values(Columns, 3);
        for (std::size_t n = 0; n < lanes<V>; ++n) {
            const auto result = lane(y, n);
            auto expected = lane(upstream, n);
            for (std::size_t i = 0; i < Rows * Columns; ++i) {
                expected[i] *= Activation::slope(result[i]);
                if (Bias) expected_db[i % Columns] += expected[i];
            }
            CHECK(relative_error(lane(dy, n), expected) < rounding<V>);
        }
        CHECK(relative_error(db, expected_db) < rounding<V>);
    });
}

}  // namespace

TEST_CASE("activation_gradient scales dy and adds its sums to the bias' gradient") {
    check_gradient<5, 7, kernels::tanh, true>();
    check_gradient<3, 13, kernels::sigmoid, true>();
    check_gradient<1, 8, kernels::linear, true>();
    check_gradient<2, 17, kernels::relu, false>();
    check_gradient<2, 3, kernels::linear, false>();
}
