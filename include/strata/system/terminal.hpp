#pragma once

#include "strata/config.hpp"

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#if __has_include(<unistd.h>) && __has_include(<sys/ioctl.h>)
#include <sys/ioctl.h>
#include <unistd.h>
#endif

namespace strata::authoring {
inline namespace STRATA_ISA {

/// True when what is written to `file` is shown on a terminal that can move its cursor and has colours. Where the
/// system cannot tell, the answer is no: plain text is right everywhere.
inline bool is_terminal(std::FILE* file) {
#if __has_include(<unistd.h>) && __has_include(<sys/ioctl.h>)
    const char* kind = std::getenv("TERM");
    return ::isatty(::fileno(file)) == 1 && kind != nullptr && std::string_view{kind} != "dumb";
#else
    return file == nullptr;
#endif
}

/// How many columns the terminal behind `file` has; 0 when it is none.
inline std::size_t terminal_columns(std::FILE* file) {
#if __has_include(<unistd.h>) && __has_include(<sys/ioctl.h>)
    ::winsize size{};
    if (::ioctl(::fileno(file), TIOCGWINSZ, &size) == 0) return size.ws_col;
#else
    static_cast<void>(file);
#endif
    return 0;
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
