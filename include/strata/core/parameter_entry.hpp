#pragma once

#include "strata/config.hpp"

#include <cstddef>
#include <string>
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

}  // namespace STRATA_ISA
}  // namespace strata::authoring
