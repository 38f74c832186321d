#pragma once

#include "strata/core/stage.hpp"
#include "strata/initializers/initializers.hpp"
#include "strata/kernels/activation/piecewise.hpp"
#include "strata/layers/options.hpp"
#include "strata/simd/long_sums.hpp"
#include "strata/simd/math.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

namespace option {
struct centers_initializer;
}  // namespace option

/// How the centers of an RBF start, uniform in [-1, 1) by default.
template <class Initializer>
struct CentersInitializer : initializer_option<option::centers_initializer, Initializer> {};

/// What the centers of an RBF add to the loss, nothing by default.
template <class Regularizer>
struct CentersRegularizer : regularizer_option<option::centers_initializer, Regularizer> {};

/// What the centers of an RBF keep to after each step, nothing by default.
template <class Constraint> struct CentersConstraint : constraint_option<option::centers_initializer, Constraint> {};

/// Euclidean radial basis functions, y = the squared distance between x and a center, along the last axis (LeCun,
/// Bottou, Bengio, Haffner 1998). Where centers stand for classes, the smallest result is the answer, so put
/// Rescaling<-1> behind it: losses and metrics take the largest.
///
/// Shapes: ... x inputs to ... x Units, of any rank. Parameters: `centers` (Units, inputs); with Frozen<RBF<...>> they
/// stay what an initializer of the program's own makes of them. Options: CentersInitializer.
template <std::size_t Units, class... Options> struct RBF {
    using options = typename option_list<Options...>::template with_defaults<
        CentersInitializer<RandomUniform::With<Minval<-1>, Maxval<1>>>>;
    static_assert(Units > 0, "RBF: the number of units must be at least 1");
    static_assert(options::known, "RBF: unknown option; it takes CentersInitializer");
    static_assert(options::unique, "RBF: an option is given twice");

    static constexpr std::string_view class_name = "RBF";

    template <class In> struct on {
        using output = with_last_extent<In, Units>;
        static constexpr bool passes_mask = true;
        static constexpr std::size_t inputs = In::extents[In::rank - 1], rows = In::size / inputs;
        static constexpr std::array parameters{parameter{"centers",
                                                         {Units, inputs},
                                                         rules_of<options, option::centers_initializer>,
                                                         {double(inputs), double(Units)}}};
        static constexpr stage_needs needs{
            .backward_reads_y = false, .keeps_dy = true, .gauss_newton_reads_gradient = true};

        template <class V> static void forward(forward_context<V> c) {
            for (std::size_t row = 0; row < rows; ++row) {
                for (std::size_t unit = 0; unit < Units; ++unit) {
                    c.y[row * Units + unit] = kernels::sum_of<inputs>([&](std::size_t i) {
                        const V difference = c.x[row * inputs + i] - V(c.parameters[unit * inputs + i]);
                        return difference * difference;
                    });
                }
            }
        }

        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            to_centers<V>(c, [&](const V& difference, std::size_t cell) {
                return kernels::constant<V>(-2) * c.dy[cell] * difference;
            });
            if constexpr (InputGradient) input_gradient(c);
        }

        template <class V> static void input_gradient(backward_context<V> c) {
            to_inputs<V>(c, [&](const V& difference, std::size_t cell) {
                return kernels::constant<V>(2) * c.dy[cell] * difference;
            });
        }

        /// The second derivative of a distance, 2, counts, too, times the gradient: far from all centers it is most of
        /// the loss's. Zero takes the place of what the gradient makes negative: of a distance for a center, of the sum
        /// over all distances for an input.
        template <bool InputGradient, class V> static void gauss_newton(gauss_newton_context<V> c) {
            const V zero = kernels::constant<V>(0);
            const auto term = [&](const V& difference, std::size_t cell) {
                return kernels::constant<V>(4) * c.dy[cell] * difference * difference +
                       kernels::constant<V>(2) * c.gradient[cell];
            };
            to_centers<V>(
                c, [&](const V& difference, std::size_t cell) { return math::max(term(difference, cell), zero); });
            if constexpr (InputGradient) {
                to_inputs<V>(c, term);
                for (std::size_t i = 0; i < In::size; ++i) c.dx[i] = math::max(c.dx[i], zero);
            }
        }

    private:
        /// Adds the sum of term(x - center, cell of y) over rows and lanes, for each coordinate of each center.
        template <class V, class Term> static void to_centers(const backward_context<V>& c, const Term& term) {
            for (std::size_t unit = 0; unit < Units; ++unit) {
                for (std::size_t i = 0; i < inputs; ++i) {
                    const V center(c.parameters[unit * inputs + i]);
                    const V sum = kernels::sum_of<rows>(
                        [&](std::size_t row) { return term(c.x[row * inputs + i] - center, row * Units + unit); });
                    c.gradients[unit * inputs + i] += sum_lanes(sum);
                }
            }
        }

        /// The same for inputs, over the units.
        template <class V, class Term> static void to_inputs(const backward_context<V>& c, const Term& term) {
            for (std::size_t row = 0; row < rows; ++row) {
                for (std::size_t i = 0; i < inputs; ++i) {
                    const V x = c.x[row * inputs + i];
                    c.dx[row * inputs + i] = kernels::sum_of<Units>([&](std::size_t unit) {
                        return term(x - V(c.parameters[unit * inputs + i]), row * Units + unit);
                    });
                }
            }
        }
    };
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::CentersConstraint;
using authoring::CentersInitializer;
using authoring::CentersRegularizer;
using authoring::RBF;
}  // namespace strata
