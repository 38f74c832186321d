#pragma once

#include "strata/core/random_cells.hpp"
#include "strata/simd/pack.hpp"

#include <array>
#include <cstddef>
#include <type_traits>

/// What a stage's functions are given: one context, by value. The compiler then knows that no store to a cell changes
/// a pointer. A member that a stage did not ask for (stage_needs) is null.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// A pointer to the cells of one activation, or for a stage with several inputs an array of them.
template <class Cell, std::size_t Inputs>
using input_pointers = std::conditional_t<Inputs == 1, Cell*, std::array<Cell*, Inputs>>;

/// What `forward` is given: the samples of one pack and the values of the layer.
template <class V, std::size_t Inputs = 1> struct forward_context {
    using T = scalar_t<V>;

    input_pointers<const V, Inputs> x;
    V* y;                            ///< to be filled
    const T* parameters = nullptr;   ///< trained values, in the order of the stage's list
    const T* state = nullptr;        ///< values that training changes, but no optimizer
    V* scratch = nullptr;            ///< holds nothing before and after the call
    V* kept = nullptr;               ///< `backward` finds it as `forward` leaves it
    const T* batch = nullptr;        ///< what `combine` has made of the whole batch
    std::size_t samples = lanes<V>;  ///< so many lanes hold a sample; the others repeat the last one
    bool training = false;           ///< false: inference
    random_cells random{};
};

/// What `backward` is given: what `forward` had, and the gradients of the loss.
template <class V, std::size_t Inputs = 1> struct backward_context {
    using T = scalar_t<V>;

    input_pointers<const V, Inputs> x;
    const V* y;
    V* dy;                         ///< with respect to y; may be used as scratch
    input_pointers<V, Inputs> dx;  ///< with respect to x; to be filled if InputGradient
    const T* parameters = nullptr;
    T* gradients = nullptr;  ///< with respect to the parameters; to be added to
    const T* state = nullptr;
    V* scratch = nullptr;
    V* kept = nullptr;
    V* operands = nullptr;  ///< see has_joint_gradient
    const T* batch = nullptr;
    const T* batch_gradient = nullptr;  ///< the sums of what `collect_gradient` has made of each pack
    std::size_t samples = lanes<V>;
    std::size_t batch_samples = lanes<V>;  ///< of the whole batch
    bool training = true;                  ///< false: a frozen layer, which behaves as in inference
    random_cells random{};
};

/// What `gauss_newton` is given: what `backward` is, in inference, with second derivatives of the loss in place of
/// gradients. Those with respect to y are at c.dy; those with respect to x belong at c.dx, and those with respect to
/// the parameters are added to c.gradients, which is never null.
template <class V, std::size_t Inputs = 1> struct gauss_newton_context : backward_context<V, Inputs> {
    using T = scalar_t<V>;

    const V* squared_x = nullptr;  ///< of a stage with one input and parameters whose backward pass reads x
    const T* squared_parameters = nullptr;
    const V* gradient = nullptr;  ///< of the loss with respect to y, for a stage with gauss_newton_reads_gradient

    /// The same with squares in place of x and of the parameters. Where a stage is linear in x and in each parameter,
    /// its own `backward` makes the second derivatives of these.
    backward_context<V, Inputs> of_squares() const {
        static_assert(Inputs == 1);
        backward_context<V, Inputs> c = *this;
        c.x = squared_x;
        c.parameters = squared_parameters;
        return c;
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
