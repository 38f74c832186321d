#include "strata/layers/rescaling.hpp"

#include "strata/model/batch_run.hpp"
#include "strata/model/gradient_check.hpp"
#include "strata/model/sequential.hpp"
#include "support/catch.hpp"
#include "support/xtensor.hpp"

#include <cstdint>
#include <vector>

using namespace strata::authoring;

TEST_CASE("Rescaling multiplies and adds") {
    using network = strata::authoring::network<shape<3>, Rescaling<0.5, -1>>;
    const batch_output out = run_batch<network, double>({.x = {0, 1, -4}, .dy = {1, 2, 3}, .values = {}});
    CHECK(out.y == std::vector<double>{-1, -0.5, -3});
    CHECK(out.dx == std::vector<double>{0.5, 1, 1.5});
    const gradient_report report = gradient_check<Input<5>, Rescaling<2, 0.5>>();
    INFO(report.problem);
    CHECK(report.passed());
}

TEST_CASE("Rescaling takes bytes as they are") {
    const xt::xtensor<std::uint8_t, 2> x{{0, 51, 255}};
    const auto y = Sequential<Input<3>, Rescaling<1.0 / 51, -1>>().predict(x);
    CHECK(y(0, 0) == Approx(-1));
    CHECK(y(0, 1) == Approx(0).margin(1e-6));
    CHECK(y(0, 2) == Approx(4));
}
