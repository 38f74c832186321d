#pragma once

#include "strata/model/batch_run.hpp"
#include "strata/model/gradient_check.hpp"
#include "strata/model/network.hpp"
#include "support/catch.hpp"
#include "support/lanes.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

/// Checks of layers that do something at random.
namespace strata::authoring::test {

/// So many samples of ones through a network while training, and as many ones back.
template <class Network, class V>
batch_output on_ones(std::size_t samples, std::uint64_t seed = 1, std::size_t threads = 1) {
    return run_batch<Network, V>({.x = std::vector<double>(samples * Network::input::size, 1),
                                  .dy = std::vector<double>(samples * Network::output::size, 1),
                                  .values = {},
                                  .seed = seed,
                                  .threads = threads});
}

template <class In, class... Layers> void check_gradient() {
    const gradient_report report = gradient_check<In, Layers...>();
    INFO(report.problem);
    CHECK(report.passed());
}

/// The numbers must be the same whatever the lanes, the threads and the precision, and others for another seed, stage
/// and sample; the gradient has to follow the same numbers.
template <class In, class Layer> void check_numbers(double tolerance) {
    INFO(Layer::class_name);
    using alone = network<typename In::output, Layer>;
    using twice = network<typename In::output, Layer, Layer>;
    constexpr std::size_t samples = 37;
    const batch_output one = on_ones<alone, double>(samples);
    CHECK(relative_error(on_ones<alone, pack<double>>(samples).y, one.y) < 1e-12);
    CHECK(on_ones<alone, pack<double>>(samples, 1, 3) == on_ones<alone, pack<double>>(samples));
    const batch_output in_float = on_ones<alone, pack<float>>(samples);
    CHECK(relative_error(in_float.y, one.y) < tolerance);
    CHECK(relative_error(in_float.dx, one.dx) < tolerance);

    CHECK(on_ones<alone, double>(samples, 2).y != one.y);
    // Two stages with the same numbers would be the square of one.
    const std::vector<double> both = on_ones<twice, double>(samples).y;
    std::vector<double> square;
    for (const double value : one.y) square.push_back(value * value);
    CHECK(relative_error(both, square) > 0.1);
    const auto sample = [&](std::size_t n) {
        const auto begin = one.y.begin() + std::ptrdiff_t(n * alone::output::size);
        return std::vector<double>(begin, begin + std::ptrdiff_t(alone::output::size));
    };
    CHECK(sample(0) != sample(1));
}

}  // namespace strata::authoring::test
