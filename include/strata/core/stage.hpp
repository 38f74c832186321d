#pragma once

#include "strata/core/parameter.hpp"
#include "strata/core/shape.hpp"
#include "strata/simd/pack.hpp"

#include <concepts>
#include <cstddef>
#include <string_view>

/// What a layer is.
///
/// A layer is a type with a name, `static constexpr std::string_view class_name`, and a template
/// `template <class In> struct on`: the layer once the shape of its input is known, called a stage. A stage has
///
///  - `output`: the shape of its result;
///  - `parameters`: a constexpr array of `parameter`;
///  - `forward(x, p, y)`: fills the cells of y from those of x; p points to the values of its parameters;
///  - `backward<InputGradient>(x, y, dy, p, g, dx)`: dy is the gradient with respect to y and may be used as scratch;
///    adds to g, the gradient with respect to the parameters, and overwrites dx, unless InputGradient is false.
///
/// Both functions are static templates over the value type V of the cells; p and g point to scalar_t<V>. They see one
/// sample; the machine sees lanes<V> of them.
///
/// A stage that needs cells besides these says how many, `scratch<V>`; both functions then take a pointer to them as
/// their last argument: see has_scratch.
///
/// A stage that reads its parameters once for several samples says how many it wants: see takes_samples.
///
/// A stage with many parameters may leave the gradient of the first of them to be computed for a whole batch: see
/// has_joint_gradient.
///
/// Two stages in a row may share a pass over memory: see fuses_backward.
///
/// A stage may also have a one-sample form, for a single sample whose cells fill the lanes: see has_one_sample_form.
namespace strata {
inline namespace STRATA_ISA {

template <class Stage>
concept stage = requires {
    { Stage::output::size } -> std::convertible_to<std::size_t>;
    { total_size(Stage::parameters) } -> std::convertible_to<std::size_t>;
};

template <class Layer>
concept layer = requires {
    { Layer::class_name } -> std::convertible_to<std::string_view>;
};

/// A stage that only gives its input another shape; its output shares the cells of its input and nothing is called.
template <class Stage>
concept moves_nothing = requires { requires Stage::moves_nothing; };

/// A stage whose functions take `V* scratch` as their last argument: cells that any stage may use during a call, and
/// that hold nothing before and after it. `Stage::scratch<V>` is their number; if `backward` needs another one, that is
/// `Stage::backward_scratch<V>`.
template <class Stage, class V>
concept has_scratch = requires {
    { Stage::template scratch<V> } -> std::convertible_to<std::size_t>;
};

/// A stage whose `forward<Samples>` takes the cells of that many samples, one after the other, and needs
/// `scratch<V, Samples>`. With `samples_at_once` of them it is fastest.
template <class Stage>
concept takes_samples = requires {
    { Stage::samples_at_once } -> std::convertible_to<std::size_t>;
};

/// A stage that can compute the gradient of its first parameter for all packs of a batch at once: then no pack needs a
/// gradient of that size, and threads share the parameter's values in place of the packs. Its `backward` takes
/// `V* kept` after the scratch; where that is not null, it writes there what the gradient is made of in place of adding
/// the gradient to g. `joint_gradient<V>` has
///
///  - `pays_jointly`: whether that is less work;
///  - `cells`: how many cells `backward` keeps;
///  - `count`, `blocks`, `weights_of_block`, `blocks_at_once`: the values of the parameter, the blocks of neighbours
///    that they are cut into, how many of them each block but the last one has, how many blocks to take at a time;
///  - `compute(kept, distance, packs, first, last, g)`: writes to g the gradient of the blocks first, ..., last - 1,
///    for one or more packs that have kept their cells `distance` apart.
template <class Stage, class V>
concept has_joint_gradient = requires { requires Stage::template joint_gradient<V>::pays_jointly; };

/// Two stages of which the second one's way back covers the first step of the first one's: from the gradient with
/// respect to the results of an activation to that with respect to the sums it was applied to. `First` has
///
///  - `inner_activation`: its activation, see kernels/activation.hpp;
///  - `use_bias`, `bias_offset`: whether the sums include a bias, and where its gradient starts in g;
///  - a second parameter of `backward<InputGradient, FromSums>`: whether dy is the gradient with respect to the sums,
///    and that of the bias has been added to g.
///
/// `Second` says that it can by `fuses_activation`, and has `backward_to_sums<First>(x, y, dy, g of First, dx)`, where
/// dx is the gradient with respect to the sums.
template <class First, class Second, class V>
concept fuses_backward = requires(const V* x, V* dx, const scalar_t<V>* p, scalar_t<V>* g) {
    typename First::inner_activation;
    First::template backward<true, true>(x, x, dx, p, g, dx, dx);
    requires Second::fuses_activation;
};

/// How many cells of type V a stage needs as its scratch, for so many samples.
template <class Stage, class V, std::size_t Samples = 1>
inline constexpr std::size_t scratch_cells = [] {
    if constexpr (takes_samples<Stage>)
        return std::size_t{Stage::template scratch<V, Samples>};
    else if constexpr (has_scratch<Stage, V>)
        return std::size_t{Stage::template scratch<V>};
    else
        return std::size_t{0};
}();

/// The same for Stage::backward.
template <class Stage, class V>
inline constexpr std::size_t backward_scratch_cells = [] {
    if constexpr (requires { Stage::template backward_scratch<V>; })
        return std::size_t{Stage::template backward_scratch<V>};
    else
        return scratch_cells<Stage, V>;
}();

/// Stage::forward, with or without `scratch`.
template <class Stage, class V> void run_forward(const V* x, const scalar_t<V>* p, V* y, [[maybe_unused]] V* scratch) {
    if constexpr (has_scratch<Stage, V>)
        Stage::forward(x, p, y, scratch);
    else
        Stage::forward(x, p, y);
}

/// The same for samples that lie one after the other; each has `inputs` cells.
template <class Stage, std::size_t Samples, class V>
void run_forward(const V* x, std::size_t inputs, const scalar_t<V>* p, V* y, V* scratch) {
    if constexpr (takes_samples<Stage>) {
        Stage::template forward<Samples>(x, p, y, scratch);
    } else {
        for (std::size_t s = 0; s < Samples; ++s)
            run_forward<Stage>(x + s * inputs, p, y + s * Stage::output::size, scratch);
    }
}

/// Stage::backward, with or without `scratch` and `kept`.
template <class Stage, bool InputGradient, class V>
void run_backward(const V* x, const V* y, V* dy, const scalar_t<V>* p, scalar_t<V>* g, V* dx,
                  [[maybe_unused]] V* scratch, [[maybe_unused]] V* kept) {
    if constexpr (has_joint_gradient<Stage, V>)
        Stage::template backward<InputGradient>(x, y, dy, p, g, dx, scratch, kept);
    else if constexpr (has_scratch<Stage, V>)
        Stage::template backward<InputGradient>(x, y, dy, p, g, dx, scratch);
    else
        Stage::template backward<InputGradient>(x, y, dy, p, g, dx);
}

/// A stage with a form for a single sample, `one_sample<V>`, whose cells are of type scalar_t<V>; the lanes of V run
/// over neighbouring cells. A stage without one runs its `forward` on plain numbers. The form has
///
///  - `reads_channels_first`: whether its input may have its channels first, too;
///  - `output_format(input_format)`: the format of its result;
///  - `scratch`: how many cells it needs besides input and output;
///  - `run<input_format>(x, p, y, scratch)`: fills y; may read two vectors beyond x and one beyond its parameters,
///    and write one beyond y.
template <class Stage, class V>
concept has_one_sample_form = requires {
    { Stage::template one_sample<V>::scratch } -> std::convertible_to<std::size_t>;
};

/// A layer that is followed by a hidden stage of its own, such as the Softmax of `Dense<10, Softmax>`.
template <class Layer>
concept has_hidden_stage = requires { typename Layer::then; } && !std::same_as<typename Layer::then, void>;

}  // namespace STRATA_ISA
}  // namespace strata
