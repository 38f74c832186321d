#pragma once

#include "strata/core/text.hpp"

#include <initializer_list>
#include <stdexcept>

#ifndef __cpp_exceptions
#include <cstdio>
#include <cstdlib>
#endif

namespace strata::authoring {
inline namespace STRATA_ISA {

/// An array has another shape than the model needs; the message names both.
class shape_error : public std::invalid_argument {
    using std::invalid_argument::invalid_argument;
};

/// A value is outside of what is allowed: a label, a batch size, an empty data set.
class value_error : public std::invalid_argument {
    using std::invalid_argument::invalid_argument;
};

/// A file is missing, damaged or not what was asked for; the message names the file, the field, what was expected and
/// what was found, and what to do.
class file_error : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Training cannot go on, for example because the loss is not a number; the message names the epoch and the step.
class training_error : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Throws an Error whose message is the pieces one after the other: `raise<value_error>({"label ", label, " of ", n})`.
/// Out of line: where it is called, only the pieces are compiled, not the message, the exception and their clean-up.
/// Without exceptions (-fno-exceptions) the message goes to stderr, and the program ends.
template <class Error> [[noreturn]] STRATA_OUT_OF_LINE void raise(std::initializer_list<text_piece> message) {
#ifdef __cpp_exceptions
    throw Error(concat(message));
#else
    std::fprintf(stderr, "strata: %s\n", concat(message).c_str());
    std::abort();
#endif
}

namespace detail {

/// Calls work(). Where that throws, calls failed(), which may ask for std::current_exception().
template <class Work, class Failed> void attempt(Work&& work, [[maybe_unused]] Failed&& failed) {
#ifdef __cpp_exceptions
    try {
        work();
    } catch (...) {
        failed();
    }
#else
    work();
#endif
}

}  // namespace detail

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::file_error;
using authoring::shape_error;
using authoring::training_error;
using authoring::value_error;
}  // namespace strata
