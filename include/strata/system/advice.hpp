#pragma once

#include "strata/config.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// Prints a line on stderr; nothing for an empty text, or where the environment variable STRATA_QUIET is set and not
/// empty. Returns whether it was printed.
STRATA_OUT_OF_LINE inline bool advise(const std::string& line) {
    const char* quiet = std::getenv("STRATA_QUIET");
    if (line.empty() || (quiet != nullptr && *quiet != '\0')) return false;
    std::fprintf(stderr, "%s\n", line.c_str());
    return true;
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
