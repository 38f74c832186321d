#pragma once

#include "strata/core/shape.hpp"

#include <cstddef>
#include <type_traits>

/// Options of layers: types that stand in any order behind a layer's first argument. Each names its kind as `option`;
/// a layer takes at most one of a kind and falls back to Keras' default.
namespace strata {
inline namespace STRATA_ISA {

namespace option {
struct kernel {};
struct strides {};
struct dilation {};
struct groups {};
struct pool {};
struct padding {};
struct bias {};
struct activation {};
struct kernel_initializer {};
struct bias_initializer {};
struct keep_dims {};
}  // namespace option

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

/// How the kernel starts, GlorotUniform by default (Keras: `kernel_initializer`).
template <class Initializer> struct KernelInitializer {
    static_assert(
        requires { Initializer::draw; }, "KernelInitializer: the argument must be an initializer, such as HeNormal");
    using option = option::kernel_initializer;
    using type = Initializer;
};

/// How the bias starts, Zeros by default (Keras: `bias_initializer`).
template <class Initializer> struct BiasInitializer {
    static_assert(
        requires { Initializer::draw; }, "BiasInitializer: the argument must be an initializer, such as HeNormal");
    using option = option::bias_initializer;
    using type = Initializer;
};

template <class Option> struct option_kind {
    using type = void;
};

template <class Option>
    requires requires { typename Option::option; }
struct option_kind<Option> {
    using type = typename Option::option;
};

/// How many of the options are of a kind.
template <class Kind, class... Options>
inline constexpr std::size_t count_of =
    (std::size_t{0} + ... + std::size_t{std::is_same_v<Kind, typename option_kind<Options>::type>});

/// Whether each option is of one of the kinds.
template <class... Kinds> struct option_kinds {
    template <class Kind> static constexpr bool know = (std::is_same_v<Kind, Kinds> || ...);
    template <class... Options> static constexpr bool know_all = (know<typename option_kind<Options>::type> && ...);
    template <class... Options> static constexpr bool at_most_once = ((count_of<Kinds, Options...> <= 1) && ...);
};

template <class Kind, class Default, class... Options> struct find_option {
    using type = Default;
};

template <class Kind, class Default, class First, class... Rest> struct find_option<Kind, Default, First, Rest...> {
    using type = typename std::conditional_t<std::is_same_v<Kind, typename option_kind<First>::type>,
                                             std::type_identity<First>, find_option<Kind, Default, Rest...>>::type;
};

/// The option of a kind, or its default.
template <class Kind, class Default, class... Options>
using option_or = typename find_option<Kind, Default, Options...>::type;

}  // namespace STRATA_ISA
}  // namespace strata
