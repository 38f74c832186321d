#pragma once

#include "strata/config.hpp"

#include <cstddef>
#include <type_traits>

/// Options of layers: types that stand in any order behind a layer's first arguments. Each names its kind as `option`,
/// a type of its own. A layer lists the options that it takes once, as the defaults of each kind:
///
///     using options = option_list<Options...>::with_defaults<Kernel<3>, Strides<1>, Valid>;
///     static_assert(options::known, "Conv2D: unknown option; it takes Kernel, Strides, Same and Valid");
///     static_assert(options::unique, "Conv2D: an option is given twice");
///     static constexpr extent2d window = options::template get<option::kernel>::value;
///     static constexpr bool same = options::template has<Same>;
namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

template <class Option> struct option_kind {
    using type = void;
};
template <class Option>
    requires requires { typename Option::option; }
struct option_kind<Option> {
    using type = typename Option::option;
};
template <class Option> using kind_of = typename option_kind<Option>::type;

template <class Kind, class Default, class... Options> struct find_option {
    using type = Default;
};
template <class Kind, class Default, class First, class... Rest> struct find_option<Kind, Default, First, Rest...> {
    using type = typename std::conditional_t<std::is_same_v<Kind, kind_of<First>>, std::type_identity<First>,
                                             find_option<Kind, Default, Rest...>>::type;
};

/// The kind that a layer has to list among its defaults so that it takes options of this one: this kind itself, or what
/// it names as `goes_with`, a kind that it stands beside wherever that is taken.
template <class Kind> struct listed_kind {
    using type = Kind;
};
template <class Kind>
    requires requires { typename Kind::goes_with; }
struct listed_kind<Kind> {
    using type = typename Kind::goes_with;
};

/// How many of the options are of a kind.
template <class Kind, class... Options>
inline constexpr std::size_t count_of = (std::size_t{0} + ... + std::size_t{std::is_same_v<Kind, kind_of<Options>>});

/// Whether a kind is that of one of the options.
template <class Kind, class... Options>
inline constexpr bool is_kind_of = !std::is_void_v<Kind> && (std::is_same_v<Kind, kind_of<Options>> || ...);

}  // namespace detail

/// The options that a layer was given. `with_defaults<...>` adds what it takes, and what counts where nothing is given.
template <class... Options> struct option_list {
    template <class... Defaults> struct with_defaults {
        /// Whether each option is of a kind that the layer takes.
        static constexpr bool known =
            (detail::is_kind_of<typename detail::listed_kind<detail::kind_of<Options>>::type, Defaults...> && ...);

        /// Whether at most one of each kind is given.
        static constexpr bool unique = ((std::is_void_v<detail::kind_of<Options>> ||
                                         detail::count_of<detail::kind_of<Options>, Options...> <= 1) &&
                                        ...);

        /// The option of a kind, or its default; void for a kind that is given by nobody.
        template <class Kind> using get = typename detail::find_option<Kind, void, Options..., Defaults...>::type;

        /// Whether this very option is in force: given, or the default of its kind.
        template <class Option>
        static constexpr bool has = std::is_same_v<Option, get<typename detail::kind_of<Option>>>;
    };
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
