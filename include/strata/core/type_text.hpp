#pragma once

#include "strata/config.hpp"

#include <cctype>
#include <cstddef>
#include <string>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

/// The T in a compiler's text of a function with `T = …`, without the names of namespaces.
STRATA_OUT_OF_LINE inline std::string type_in(std::string_view function) {
    function.remove_prefix(function.find("T = ") + 4);
    function = function.substr(0, function.find(';'));
    if (function.ends_with(']')) function.remove_suffix(1);
    std::string text;
    std::size_t word = 0;  // where the last word begins
    for (std::size_t i = 0; i < function.size(); ++i) {
        if (function.substr(i).starts_with("::")) {
            text.resize(word);
            ++i;
            continue;
        }
        const char character = function[i];
        text += character;
        if (std::isalnum(static_cast<unsigned char>(character)) == 0 && character != '_') word = text.size();
    }
    return text;
}

}  // namespace detail

/// A type as its user wrote it, for files and messages: "OptimizerWith<Adam>". The same with g++ and clang for classes
/// and classes of classes.
template <class T> std::string type_text() { return detail::type_in(__PRETTY_FUNCTION__); }

}  // namespace STRATA_ISA
}  // namespace strata::authoring
