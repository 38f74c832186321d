#pragma once

#include "strata/layers/merging.hpp"

#include <cstddef>

/// Layers that are made of others: chains, branches, blocks. A composite names the layers; each of them counts by
/// itself in summaries and files, as in Keras.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// Layers, one after the other, as one: a branch, or a block with a name. Of none: what comes in goes on.
template <class... Layers> struct Chain {
    using is_composite = void;
    template <class Graph> using expand = typename Graph::template then<Layers...>;
};

/// A Chain that is a branch of a Concatenate, Add and the like.
template <class... Layers> struct Branch : Chain<Layers...> {};

/// Layers that are not trained (Keras: `trainable = False`): their parameters get no gradient and no update and count
/// as non-trainable, and they behave as in inference, so a BatchNormalization in them uses its moving averages.
template <class... Layers> struct Frozen {
    using is_composite = void;
    template <class Graph>
    using expand =
        typename Graph::template with_frozen<true>::template then<Layers...>::template with_frozen<Graph::frozen>;
};

/// The other branch of a Residual.
template <class... Layers> struct Shortcut : Chain<Layers...> {};

namespace detail {

template <class Layer> inline constexpr bool is_shortcut = false;
template <class... Layers> inline constexpr bool is_shortcut<Shortcut<Layers...>> = true;

/// The sum of layers and of the shortcut that stands among them.
template <class Layers, class Other, class... Rest> struct split_shortcut;
template <class... Layers, class Other> struct split_shortcut<Chain<Layers...>, Other> {
    using type = Add<Chain<Layers...>, Other>;
};
template <class... Layers, class Other, class First, class... Rest>
struct split_shortcut<Chain<Layers...>, Other, First, Rest...>
    : split_shortcut<Chain<Layers..., First>, Other, Rest...> {};
template <class... Layers, class Other, class... Others, class... Rest>
struct split_shortcut<Chain<Layers...>, Other, Shortcut<Others...>, Rest...>
    : split_shortcut<Chain<Layers...>, Shortcut<Others...>, Rest...> {};

}  // namespace detail

/// y = layers(x) + x, or with an argument Shortcut<Others...> layers(x) + others(x) (He, Zhang, Ren, Sun 2015; in Keras
/// written with `Add`). Shapes: the layers end in the shape of x, or of the shortcut.
template <class... Layers> struct Residual {
    static_assert((std::size_t{0} + ... + std::size_t{detail::is_shortcut<Layers>}) <= 1,
                  "Residual: there is one Shortcut at most; put all of its layers into it");
    using is_composite = void;
    using sum = typename detail::split_shortcut<Chain<>, Chain<>, Layers...>::type;
    template <class Graph> using expand = typename Graph::template then<sum>;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Branch;
using authoring::Chain;
using authoring::Frozen;
using authoring::Residual;
using authoring::Shortcut;
}  // namespace strata
