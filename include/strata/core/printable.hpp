#pragma once

#include "strata/core/text.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// `text` in quotes, fit for a message: what is not printable ASCII becomes \xNN and a long text is cut.
///
/// Names in files come from strangers; unescaped, one of them could steer the terminal that shows the message.
[[nodiscard]] inline std::string in_quotes(std::string_view text, std::size_t longest = 80) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string result = "\"";
    for (const char c : text.substr(0, longest)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\') {
            append_text(result, 1, c);
        } else {
            append_text(result, "\\x");
            append_text(result, 1, digits[byte / 16]);
            append_text(result, 1, digits[byte % 16]);
        }
    }
    append_text(result, text.size() > longest ? "...\"" : "\"");
    return result;
}

/// Extents as Python prints them: `(5, 5, 1, 6)`, `(6,)`, `()`. `first` stands for the first one where it is given.
template <class Extents> [[nodiscard]] std::string extents_text(const Extents& extents, std::string_view first = {}) {
    std::string result = "(";
    append_text(result, first);
    std::size_t rank = first.empty() ? 0 : 1;
    for (const auto extent : extents) {
        if (rank++ > 0) append_text(result, ", ");
        append_integer(result, extent);
    }
    append_text(result, rank == 1 ? ",)" : ")");
    return result;
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
