#pragma once

#include "strata/core/options.hpp"
#include "strata/core/parameter.hpp"
#include "strata/core/shape.hpp"

#include <array>
#include <cstddef>

/// Options that several layers take. Those of a single layer stand beside it.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// The kinds of options.
namespace option {
struct kernel;
struct strides;
struct dilation;
struct groups;
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

/// How many outputs a depthwise convolution makes of each channel (Keras: `depth_multiplier`).
template <std::size_t Count> struct DepthMultiplier {
    static_assert(Count > 0, "DepthMultiplier: at least 1");
    using option = option::depth_multiplier;
    static constexpr std::size_t value = Count;
};

/// How the kernel of a depthwise convolution starts, GlorotUniform by default (Keras: `depthwise_initializer`).
template <class Initializer>
struct DepthwiseInitializer : initializer_option<option::depthwise_initializer, Initializer> {};

/// How the bias starts, Zeros by default (Keras: `bias_initializer`).
template <class Initializer> struct BiasInitializer : initializer_option<option::bias_initializer, Initializer> {};

/// A layer's parameters: its kernel, and unless its options hold NoBias a bias of so many values.
template <class Options, std::size_t Size> constexpr auto with_bias(const parameter& kernel) {
    if constexpr (Options::template has<UseBias>) {
        return std::array{
            kernel,
            parameter{
                "bias", {Size}, Options::template get<option::bias_initializer>::start, {double(Size), double(Size)}}};
    } else {
        return std::array{kernel};
    }
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::BiasInitializer;
using authoring::Causal;
using authoring::DepthMultiplier;
using authoring::DepthwiseInitializer;
using authoring::Dilation;
using authoring::DropDims;
using authoring::Groups;
using authoring::KeepDims;
using authoring::Kernel;
using authoring::KernelInitializer;
using authoring::NoBias;
using authoring::Pool;
using authoring::Same;
using authoring::Strides;
using authoring::UseBias;
using authoring::Valid;
}  // namespace strata
