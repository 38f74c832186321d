#pragma once

#include "strata/config.hpp"
#include "strata/core/text.hpp"

#include <bit>
#include <cctype>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

/// A text with each `number{bits}`, see core/number.hpp, as the number that it is: "Dropout<0.5>".
STRATA_OUT_OF_LINE inline std::string with_numbers(const std::string& text) {
    constexpr std::string_view begin = "number{";
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
        if (!std::string_view(text).substr(i).starts_with(begin)) {
            result += text[i++];
            continue;
        }
        std::uint64_t bits = 0;
        const char* const digits = text.data() + i + begin.size();
        const char* const end = std::from_chars(digits, text.data() + text.size(), bits).ptr;
        result += exact_text(std::bit_cast<double>(bits));
        i = static_cast<std::size_t>(end - text.data());
        while (i < text.size() && text[i] != '}') ++i;  // the suffix of an integer
        ++i;
    }
    return result;
}

/// The T in a compiler's text of a function with `T = …`, without the names of namespaces. Those of classes stay, which
/// begin with a capital letter: ReLU::With is not LeakyReLU::With.
STRATA_OUT_OF_LINE inline std::string type_in(std::string_view function) {
    function.remove_prefix(function.find("T = ") + 4);
    function = function.substr(0, function.find(';'));
    if (function.ends_with(']')) function.remove_suffix(1);
    std::string text;
    std::size_t word = 0;  // where the last word begins
    for (std::size_t i = 0; i < function.size(); ++i) {
        for (const std::string_view unnamed : {"{anonymous}::", "(anonymous namespace)::"}) {
            if (function.substr(i).starts_with(unnamed)) i += unnamed.size();
        }
        if (function.substr(i).starts_with("::")) {
            if (word < text.size() && std::isupper(static_cast<unsigned char>(text[word])) != 0)
                text += "::";
            else
                text.resize(word);
            word = text.size();
            ++i;
            continue;
        }
        const char character = function[i];
        if (character == '>' && text.ends_with("> ")) text.pop_back();  // g++'s "> >"
        text += character;
        if (std::isalnum(static_cast<unsigned char>(character)) == 0 && character != '_') word = text.size();
    }
    return with_numbers(text);
}

}  // namespace detail

/// A type as its user wrote it, for files and messages: "OptimizerWith<Adam>". The same with g++ and clang for classes
/// and classes of classes, and, but for default arguments, which clang leaves out, for networks.
template <class T> std::string type_text() { return detail::type_in(__PRETTY_FUNCTION__); }

/// The same for a model: "Sequential<Input<4>, Dense<2>>".
template <class Model> std::string model_text() {
    constexpr std::string_view begin = "basic_sequential<float, ";  // what a Sequential is
    const std::string text = type_text<Model>();
    return text.starts_with(begin) ? "Sequential<" + text.substr(begin.size()) : text;
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
