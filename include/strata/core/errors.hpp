#pragma once

#include "strata/core/text.hpp"

#include <initializer_list>
#include <stdexcept>

namespace strata {
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
template <class Error> [[noreturn]] STRATA_OUT_OF_LINE void raise(std::initializer_list<text_piece> message) {
    throw Error(concat(message));
}

}  // namespace STRATA_ISA
}  // namespace strata
