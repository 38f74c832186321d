#include "strata/layers/repeat_vector.hpp"

#include "strata/model/batch_run.hpp"
#include "strata/model/gradient_check.hpp"
#include "support/catch.hpp"

#include <vector>

using namespace strata::authoring;

TEST_CASE("RepeatVector repeats a row, and its gradient adds the rows up") {
    const batch_output out =
        run_batch<network<shape<2>, RepeatVector<3>>, double>({.x = {1, 2}, .dy = {1, 2, 3, 4, 5, 6}, .values = {}});
    CHECK(out.y == std::vector<double>{1, 2, 1, 2, 1, 2});
    CHECK(out.dx == std::vector<double>{9, 12});
    const gradient_report report = gradient_check<Input<5>, RepeatVector<4>>();
    INFO(report.problem);
    CHECK(report.passed());
}
