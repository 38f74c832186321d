#pragma once

#include "support/files.hpp"

#include <string>

namespace strata::authoring::test {

/// A safetensors file, put together without a check: the length of `header`, `header`, and `data`.
inline std::string safetensors_bytes(const std::string& header, const std::string& data = "") {
    return little_endian<8>(header.size()) + header + data;
}

}  // namespace strata::authoring::test
