#pragma once

#include "strata/core/random.hpp"

#include <array>
#include <cstddef>
#include <initializer_list>
#include <string_view>

namespace strata {
inline namespace STRATA_ISA {

/// How many values flow into and out of one unit: what initializers scale by (Keras: `compute_fans`).
struct fans {
    double in = 1;
    double out = 1;
};

/// Draws one start value of a parameter.
using initializer_function = double (*)(random_stream&, fans);

/// One parameter tensor of a layer. The values of all parameters lie one after the other in the model's arena, each
/// in row-major order; a layer's kernels receive a pointer to its first value.
struct parameter {
    static constexpr std::size_t max_rank = 4;

    std::string_view name;
    std::array<std::size_t, max_rank> extents{};
    std::size_t rank = 0;
    fans fan;
    initializer_function initializer = nullptr;

    constexpr parameter(std::string_view title, std::initializer_list<std::size_t> shape, initializer_function start,
                        fans flow = {})
        : name{title}, rank{shape.size()}, fan{flow}, initializer{start} {
        std::size_t i = 0;
        for (const std::size_t extent : shape) extents[i++] = extent;
    }

    constexpr std::size_t size() const {
        std::size_t product = 1;
        for (std::size_t i = 0; i < rank; ++i) product *= extents[i];
        return product;
    }
};

/// For layers without parameters.
inline constexpr std::array<parameter, 0> no_parameters{};

/// The number of values in a list of parameters.
template <class Parameters> constexpr std::size_t total_size(const Parameters& parameters) {
    std::size_t sum = 0;
    for (const parameter& p : parameters) sum += p.size();
    return sum;
}

}  // namespace STRATA_ISA
}  // namespace strata
