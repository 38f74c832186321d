#pragma once

#include "strata/core/random.hpp"
#include "strata/core/weight_rules.hpp"

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// How many values flow into and out of one unit: what initializers scale by (Keras: `compute_fans`).
struct fans {
    double in = 1;
    double out = 1;
    /// The inputs of a unit. Those of a bias are those of the kernel that it is added to, while Keras takes its own
    /// size for `in` and `out`.
    double unit = 1;

    constexpr fans() = default;
    constexpr fans(double inputs, double outputs) : fans{inputs, outputs, inputs} {}
    constexpr fans(double inputs, double outputs, double of_unit) : in{inputs}, out{outputs}, unit{of_unit} {}
};

/// The start values of a whole tensor, to be filled in row-major order.
struct initial_values {
    std::span<double> values;
    std::span<const std::size_t> extents;
    fans fan;
    random_stream& random;
};

/// How a parameter starts: a function that draws one value after the other, or one that fills the whole tensor.
struct initializer {
    double (*draw)(random_stream&, fans) = nullptr;
    void (*fill)(const initial_values&) = nullptr;

    constexpr initializer(double (*function)(random_stream&, fans)) : draw{function} {}  // NOLINT: stands for it
    constexpr initializer(void (*function)(const initial_values&)) : fill{function} {}   // NOLINT: stands for it

    void operator()(const initial_values& tensor) const {
        if (fill != nullptr) return fill(tensor);
        for (double& value : tensor.values) value = draw(tensor.random, tensor.fan);
    }
};

/// A type that says how a parameter starts, by a function `draw` or `fill`: see initializers/initializers.hpp.
template <class Type>
concept initializer_type = requires { initializer(Type::draw); } || requires { initializer(Type::fill); };

/// The function of such a type.
template <initializer_type Type> constexpr initializer initializer_of() {
    if constexpr (requires { Type::fill; })
        return Type::fill;
    else
        return Type::draw;
}

/// All that options of a layer say of one of its parameters.
struct parameter_rules {
    initializer start;
    regularizer penalty{};
    constraint limit{};
};

/// One parameter tensor of a layer. The values of all parameters lie one after the other in the model's arena, each
/// in row-major order; a layer's kernels receive a pointer to its first value.
struct parameter {
    static constexpr std::size_t max_rank = 5;

    std::string_view name;
    std::array<std::size_t, max_rank> extents{};
    std::size_t rank = 0;
    initializer start;
    fans fan;
    regularizer penalty;
    constraint limit;

    constexpr parameter(std::string_view title, std::initializer_list<std::size_t> shape, parameter_rules rules,
                        fans flow = {})
        : name{title}, rank{shape.size()}, start{rules.start}, fan{flow}, penalty{rules.penalty}, limit{rules.limit} {
        std::size_t i = 0;
        for (const std::size_t extent : shape) extents[i++] = extent;
    }
    constexpr parameter(std::string_view title, std::initializer_list<std::size_t> shape, initializer function,
                        fans flow = {})
        : parameter{title, shape, parameter_rules{function}, flow} {}

    constexpr std::size_t size() const {
        std::size_t product = 1;
        for (std::size_t i = 0; i < rank; ++i) product *= extents[i];
        return product;
    }

    /// Whether the regularizer and the constraint are for parameters with so many axes.
    constexpr bool fits_rules() const {
        return (penalty.rank == 0 || penalty.rank == rank) && rank >= limit.least_rank;
    }

    std::span<const std::size_t> shape() const { return {extents.data(), rank}; }
};

/// For layers without parameters.
inline constexpr std::array<parameter, 0> no_parameters{};

/// A named part of the cells that a stage keeps, or of its scratch.
struct cells_part {
    std::string_view name;
    std::size_t count = 0;

    constexpr std::size_t size() const { return count; }
};

/// The number of values in a list of parameters, or of cells in a list of parts.
template <class List> constexpr std::size_t total_size(const List& list) {
    std::size_t sum = 0;
    for (const auto& part : list) sum += part.size();
    return sum;
}

namespace detail {
inline void the_list_has_no_part_of_this_name() {}  // not constexpr: offset_of does not compile
}  // namespace detail

/// Where a parameter starts in a list of parameters, or a part in a list of parts; a name that is not in it does not
/// compile.
template <class List> consteval std::size_t offset_of(const List& list, std::string_view name) {
    std::size_t sum = 0;
    for (const auto& part : list) {
        if (part.name == name) return sum;
        sum += part.size();
    }
    detail::the_list_has_no_part_of_this_name();
    return sum;
}

/// The same for a list that may lack the parameter, such as the bias under NoBias: then the end of the list.
template <class List> consteval std::size_t offset_or_end(const List& list, std::string_view name) {
    for (const auto& part : list) {
        if (part.name == name) return offset_of(list, name);
    }
    return total_size(list);
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::fans;
}  // namespace strata
