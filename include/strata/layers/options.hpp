#pragma once

#include "strata/core/options.hpp"
#include "strata/core/parameter.hpp"
#include "strata/core/shape.hpp"

#include <array>
#include <cstddef>
#include <type_traits>

/// Options that several layers take. Those of a single layer stand beside it.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// The kinds of options.
namespace option {
struct kernel;
struct strides;
struct dilation;
struct groups;
struct connections;
struct depth_multiplier;
struct pool;
struct padding;
struct bias;
struct activation;
struct kernel_initializer;
struct depthwise_initializer;
struct bias_initializer;
struct keep_dims;
}  // namespace option

/// What the options have in common that say how a parameter starts.
template <class Kind, class Initializer> struct initializer_option {
    static_assert(initializer_type<Initializer>,
                  "KernelInitializer, BiasInitializer and their like: the argument must be an initializer, such as "
                  "HeNormal");
    using option = Kind;
    using type = Initializer;
    static constexpr initializer start = initializer_of<Initializer>();
};

// A layer that takes the option by which a parameter starts takes these two for the same parameter, too, without
// listing them. Each is of a kind of its own.

namespace option {
template <class InitializerKind> struct regularizer_of {
    using goes_with = InitializerKind;
};
template <class InitializerKind> struct constraint_of {
    using goes_with = InitializerKind;
};
}  // namespace option

/// What the options have in common that say what a parameter adds to the loss.
template <class InitializerKind, class Regularizer> struct regularizer_option {
    static_assert(regularizer_type<Regularizer>,
                  "KernelRegularizer, BiasRegularizer and their like: the argument must be a regularizer, such as "
                  "L2<1e-4>");
    using option = option::regularizer_of<InitializerKind>;
    using type = Regularizer;
};

/// What the options have in common that say what a parameter keeps to.
template <class InitializerKind, class Constraint> struct constraint_option {
    static_assert(constraint_type<Constraint>,
                  "KernelConstraint, BiasConstraint and their like: the argument must be a constraint, such as "
                  "MaxNorm<2>");
    using option = option::constraint_of<InitializerKind>;
    using type = Constraint;
};

/// All that a layer's options say of the parameter that starts by an option of this kind.
template <class Options, class InitializerKind>
inline constexpr parameter_rules rules_of = [] {
    using penalty = typename Options::template get<option::regularizer_of<InitializerKind>>;
    using limit = typename Options::template get<option::constraint_of<InitializerKind>>;
    parameter_rules rules{Options::template get<InitializerKind>::start};
    if constexpr (!std::is_void_v<penalty>) rules.penalty = regularizer_of<typename penalty::type>();
    if constexpr (!std::is_void_v<limit>) rules.limit = constraint_of<typename limit::type>();
    return rules;
}();

// Kernel, Strides, Dilation and Pool of a layer over steps x channels have one number: `Kernel<3>`.

/// Height and width of a convolution's kernel (Keras: `kernel_size`).
template <std::size_t Rows, std::size_t Columns = Rows> struct Kernel {
    static_assert(Rows > 0 && Columns > 0, "Kernel: rows and columns must be at least 1");
    using option = option::kernel;
    static constexpr extent2d value{Rows, Columns};
};

/// Steps between neighbouring windows (Keras: `strides`).
template <std::size_t Rows, std::size_t Columns = Rows> struct Strides {
    static_assert(Rows > 0 && Columns > 0, "Strides: rows and columns must be at least 1");
    using option = option::strides;
    static constexpr extent2d value{Rows, Columns};

    static constexpr extent2d of_pool(extent2d) { return value; }
};

/// Pools lie side by side (Keras: `strides=None`, the default of pools).
struct StridesOfPool {
    using option = option::strides;

    static constexpr extent2d of_pool(extent2d pool) { return pool; }
};

/// Distance between neighbouring taps of a kernel (Keras: `dilation_rate`).
template <std::size_t Rows, std::size_t Columns = Rows> struct Dilation {
    static_assert(Rows > 0 && Columns > 0, "Dilation: rows and columns must be at least 1");
    using option = option::dilation;
    static constexpr extent2d value{Rows, Columns};
};

/// Height and width of a pooling window (Keras: `pool_size`).
template <std::size_t Rows, std::size_t Columns = Rows> struct Pool {
    static_assert(Rows > 0 && Columns > 0, "Pool: rows and columns must be at least 1");
    using option = option::pool;
    static constexpr extent2d value{Rows, Columns};
};

/// Splits the channels into groups that do not see each other (Keras: `groups`).
template <std::size_t Count> struct Groups {
    static_assert(Count > 0, "Groups: at least 1");
    using option = option::groups;
    static constexpr std::size_t value = Count;
};

/// Each filter sees each channel of its group: what Connections, in layers/connections.hpp, says otherwise.
struct AllConnections {
    using option = option::connections;
};

/// The output is as large as the input, divided by the strides; what is missing at the border counts as zero in a
/// convolution and not at all in a pool (Keras: `padding="same"`).
struct Same {
    using option = option::padding;
};

/// Windows lie inside the input (Keras: `padding="valid"`, the default).
struct Valid {
    using option = option::padding;
};

/// No output of a Conv1D depends on later steps: what is missing counts as zeros before the first step (Keras:
/// `padding="causal"`). Of a MultiHeadAttention neither: no step attends to later ones (Keras: `use_causal_mask=True`).
struct Causal {
    using option = option::padding;
};

/// Whether a layer takes each of the options that it was given; `Causal` is not for all.
template <class Options> inline constexpr bool known_but_for_causal = Options::known && !Options::template has<Causal>;

/// No bias is added (Keras: `use_bias=False`).
struct NoBias {
    using option = option::bias;
};

/// The default of the option `bias`.
struct UseBias {
    using option = option::bias;
};

/// Global pooling keeps rows and columns of extent one (Keras: `keepdims=True`).
struct KeepDims {
    using option = option::keep_dims;
};

/// Global pooling leaves the channels alone (Keras: `keepdims=False`, the default).
struct DropDims {
    using option = option::keep_dims;
};

/// How the kernel starts, GlorotUniform by default (Keras: `kernel_initializer`).
template <class Initializer> struct KernelInitializer : initializer_option<option::kernel_initializer, Initializer> {};

/// What the kernel adds to the loss, nothing by default (Keras: `kernel_regularizer`).
template <class Regularizer> struct KernelRegularizer : regularizer_option<option::kernel_initializer, Regularizer> {};

/// What the kernel keeps to after each step, nothing by default (Keras: `kernel_constraint`).
template <class Constraint> struct KernelConstraint : constraint_option<option::kernel_initializer, Constraint> {};

/// How many outputs a depthwise convolution makes of each channel (Keras: `depth_multiplier`).
template <std::size_t Count> struct DepthMultiplier {
    static_assert(Count > 0, "DepthMultiplier: at least 1");
    using option = option::depth_multiplier;
    static constexpr std::size_t value = Count;
};

/// How the kernel of a depthwise convolution starts, GlorotUniform by default (Keras: `depthwise_initializer`).
template <class Initializer>
struct DepthwiseInitializer : initializer_option<option::depthwise_initializer, Initializer> {};

/// What the kernel of a depthwise convolution adds to the loss, nothing by default (Keras: `depthwise_regularizer`).
template <class Regularizer>
struct DepthwiseRegularizer : regularizer_option<option::depthwise_initializer, Regularizer> {};

/// What the kernel of a depthwise convolution keeps to after each step, nothing by default (Keras:
/// `depthwise_constraint`).
template <class Constraint>
struct DepthwiseConstraint : constraint_option<option::depthwise_initializer, Constraint> {};

/// How the bias starts, Zeros by default (Keras: `bias_initializer`).
template <class Initializer> struct BiasInitializer : initializer_option<option::bias_initializer, Initializer> {};

/// What the bias adds to the loss, nothing by default (Keras: `bias_regularizer`).
template <class Regularizer> struct BiasRegularizer : regularizer_option<option::bias_initializer, Regularizer> {};

/// What the bias keeps to after each step, nothing by default (Keras: `bias_constraint`).
template <class Constraint> struct BiasConstraint : constraint_option<option::bias_initializer, Constraint> {};

/// A layer's parameters: its kernel, and unless its options hold NoBias a bias of so many values.
template <class Options, std::size_t Size> constexpr auto with_bias(const parameter& kernel) {
    if constexpr (Options::template has<UseBias>) {
        return std::array{kernel, parameter{"bias",
                                            {Size},
                                            rules_of<Options, option::bias_initializer>,
                                            {double(Size), double(Size), kernel.fan.unit}}};
    } else {
        return std::array{kernel};
    }
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::BiasConstraint;
using authoring::BiasInitializer;
using authoring::BiasRegularizer;
using authoring::Causal;
using authoring::DepthMultiplier;
using authoring::DepthwiseConstraint;
using authoring::DepthwiseInitializer;
using authoring::DepthwiseRegularizer;
using authoring::Dilation;
using authoring::DropDims;
using authoring::Groups;
using authoring::KeepDims;
using authoring::Kernel;
using authoring::KernelConstraint;
using authoring::KernelInitializer;
using authoring::KernelRegularizer;
using authoring::NoBias;
using authoring::Pool;
using authoring::Same;
using authoring::Strides;
using authoring::UseBias;
using authoring::Valid;
}  // namespace strata
