#pragma once

#include "strata/config.hpp"

#include <map>
#include <string>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// What a model's file holds besides its values: `model.save("net.safetensors", {.class_names = {"cat", "dog"}})`.
struct save_options {
    /// What the classes are called; `load_class_names` reads it.
    std::vector<std::string> class_names{};
    /// A sample and what the model makes of it, which `load` compares with what the loaded model makes of it.
    bool self_test = true;
    /// Texts of your own under the file's `__metadata__`.
    std::map<std::string, std::string> metadata{};
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::save_options;
}  // namespace strata
