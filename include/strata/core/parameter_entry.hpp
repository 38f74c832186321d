#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/printable.hpp"
#include "strata/core/text.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// One parameter, or state, of a model: where in the flat arena it lies, and what files call it ("conv2d/kernel").
struct parameter_entry {
    std::string name;
    std::vector<std::size_t> shape;
    std::size_t offset = 0;
    std::size_t size = 0;
    bool trained = true;  ///< false: state, or a parameter of a frozen layer
};

/// The place of an entry in a table, by its name. Throws value_error, with the names that there are, where no entry has
/// it; `what` begins the message: "weights: the model".
[[nodiscard]] STRATA_OUT_OF_LINE inline std::size_t place_of(std::string_view name,
                                                             const std::vector<parameter_entry>& table,
                                                             std::string_view what) {
    std::string known;
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (table[i].name == name) return i;
        append_text(known, concat({known.empty() ? "" : ", ", table[i].name}));
    }
    raise<value_error>({what, " has no ", detail::in_quotes(name), "; it has ", known.empty() ? "none" : known});
}

/// The names of a table's entries.
[[nodiscard]] STRATA_OUT_OF_LINE inline std::vector<std::string> names_of(const std::vector<parameter_entry>& table) {
    std::vector<std::string> names;
    for (const parameter_entry& entry : table) names.push_back(entry.name);
    return names;
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
