#include "strata/layers/normalization/normalization.hpp"

#include "strata/layers/dense.hpp"
#include "strata/layers/rescaling.hpp"
#include "strata/model/batch_run.hpp"
#include "strata/model/gradient_check.hpp"
#include "strata/model/sequential.hpp"
#include "support/catch.hpp"
#include "support/xtensor.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

using namespace strata::authoring;
using strata::authoring::test::contains;

TEST_CASE("Normalization takes its mean and its variance, and trains neither") {
    using layers = network<shape<2, 2>, Normalization>;
    static_assert(layers::parameter_count == 0 && layers::state_count == 4 && layers::raw_input<double>);
    // The second variance is so small that it does not count.
    const std::vector<double> state{1, -2, 4, 1e-16};
    const batch_output out = run_batch<layers, double>({.x = {1, -2, 5, -1}, .dy = {1, 2, 3, 4}, .values = state});
    CHECK(out.y[0] == 0);
    CHECK(out.y[1] == 0);
    CHECK(out.y[2] == 2);
    CHECK(out.y[3] == Approx(1e7));
    CHECK(out.dx[0] == 0.5);
    CHECK(out.dx[1] == Approx(2e7));
    CHECK(out.dx[2] == 1.5);
    CHECK(out.dx[3] == Approx(4e7));
    CHECK(out.values == state);
}

TEST_CASE("Normalization: the gradients are those of the result") {
    const gradient_report report = gradient_check<Input<3, 4>, Normalization>();
    INFO(report.problem);
    CHECK(report.passed());
}

TEST_CASE("Normalization: adapt gives a Normalization the mean and the variance of data") {
    Sequential<Input<2, 2>, Rescaling<1>, Normalization, Dense<3>, Normalization> model(1);
    const auto table = model.value_table();
    REQUIRE(table[0].name == "normalization/mean");
    REQUIRE(table[1].name == "normalization/variance");
    const auto before = std::vector<float>(model.parameters().begin(), model.parameters().end());

    const xt::xtensor<double, 3> x{{{1, 10}, {2, 10}}, {{3, 10}, {6, 20}}};
    Normalization::adapt(model, x);
    const auto value = [&](std::size_t entry, std::size_t i) { return model.values()[table[entry].offset + i]; };
    CHECK(value(0, 0) == 3);
    CHECK(value(0, 1) == 12.5f);
    CHECK(value(1, 0) == 3.5f);
    CHECK(value(1, 1) == 18.75f);
    // Nothing else has changed.
    CHECK(std::vector<float>(model.parameters().begin(), model.parameters().end()) == before);
    const std::size_t last = table.size() - 1;
    CHECK(value(last - 1, 0) == 0);
    CHECK(value(last, 2) == 1);
}

TEST_CASE("Normalization: adapt counts bytes as they are, and so does the network") {
    Sequential<Input<1>, Normalization> model;
    const xt::xtensor<std::uint8_t, 2> x{{100}, {200}};
    Normalization::adapt(model, x);
    CHECK(model.values()[0] == 150);
    CHECK(model.values()[1] == 2500);
    CHECK(model.predict(x)(1, 0) == 1);
}

TEST_CASE("Normalization: adapt refuses data of another shape") {
    Sequential<Input<2>, Normalization> model;
    CHECK_THROWS_WITH(Normalization::adapt(model, xt::xtensor<float, 2>(std::array<std::size_t, 2>{4, 3})),
                      contains("a last extent of 2 is needed, (4, 3) was given"));
    CHECK_THROWS_AS(Normalization::adapt(model, xt::xtensor<float, 1>(std::array<std::size_t, 1>{2})), shape_error);
    CHECK_THROWS_WITH(Normalization::adapt(model, xt::xtensor<float, 2>(std::array<std::size_t, 2>{0, 2})),
                      contains("without samples"));
    CHECK_THROWS_AS(Normalization::adapt(model, array_ref()), shape_error);
}
