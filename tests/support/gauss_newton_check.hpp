#pragma once

#include "strata/core/context.hpp"
#include "strata/core/shape.hpp"
#include "strata/core/stage.hpp"
#include "strata/simd/memory.hpp"
#include "support/catch.hpp"
#include "support/lanes.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

namespace strata::authoring::test {

/// Compares a stage's `gauss_newton` with its definition: for each input and each parameter the sum over the results of
/// their second derivatives, which are random, times the square of a central difference. Where a parameter has at most
/// one connection to each result, this is the sum over its connections. Also that it adds to what is there.
template <class Stage> void check_gauss_newton(std::size_t inputs) {
    constexpr std::size_t outputs = Stage::output::size, parameters = total_size(Stage::parameters);
    constexpr stage_needs needs = needs_of<Stage, double>;
    using cells = aligned_vector<double>;
    const auto forward = [&](const cells& x, const cells& w, cells& y) {
        cells scratch(needs.scratch + 1);
        Stage::forward(
            forward_context<double>{.x = x.data(), .y = y.data(), .parameters = w.data(), .scratch = scratch.data()});
    };
    cells x = random_values(inputs, 1), w = random_values(parameters + 1, 2), y(outputs), squared_x(x), squared_w(w);
    forward(x, w, y);
    cells of_y = random_values(outputs, 3);
    for (double& value : of_y) value += 1.5;

    for (double& value : squared_x) value *= value;
    for (double& value : squared_w) value *= value;
    cells dy = of_y, of_x = unwritten_cells<double>(inputs), of_w(parameters, 0.5);
    cells scratch(std::max(needs.scratch, needs.backward_scratch) + 1);
    const cells unread(std::max(inputs, outputs), std::numeric_limits<double>::quiet_NaN());
    gauss_newton_context<double> c{{.x = needs.backward_reads_x ? x.data() : unread.data(),
                                    .y = needs.backward_reads_y ? y.data() : unread.data(),
                                    .dy = dy.data(),
                                    .dx = of_x.data(),
                                    .parameters = w.data(),
                                    .gradients = of_w.data(),
                                    .scratch = scratch.data(),
                                    .training = false}};
    c.squared_x = needs.backward_reads_x ? squared_x.data() : unread.data();
    c.squared_parameters = squared_w.data();
    Stage::template gauss_newton<true>(c);
    if (needs.keeps_dy) CHECK(dy == of_y);

    const auto expected = [&](cells& values, std::size_t count) {
        std::vector<double> result(count);
        cells above(outputs), below(outputs);
        for (std::size_t j = 0; j < count; ++j) {
            constexpr double step = 1e-5;
            const double start = values[j];
            values[j] = start + step;
            forward(x, w, above);
            values[j] = start - step;
            forward(x, w, below);
            values[j] = start;
            for (std::size_t i = 0; i < outputs; ++i) {
                const double slope = (above[i] - below[i]) / (2 * step);
                result[j] += of_y[i] * slope * slope;
            }
        }
        return result;
    };
    CHECK(relative_error(of_x, expected(x, inputs)) <= 1e-6);
    for (double& value : of_w) value -= 0.5;
    if (parameters > 0) CHECK(relative_error(of_w, expected(w, parameters)) <= 1e-6);
}

}  // namespace strata::authoring::test
