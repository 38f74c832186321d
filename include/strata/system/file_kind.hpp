#pragma once

#include "strata/config.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// What the first bytes of a file say it is, of the kinds that are often given in place of another: "a zip archive".
/// Empty for all others. Four bytes are enough.
[[nodiscard]] STRATA_OUT_OF_LINE inline std::string_view kind_of_file(std::span<const std::byte> first) {
    using namespace std::string_view_literals;
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kinds{
        {{"PK\3\4"sv, "a zip archive (.zip, .npz, .keras, .pt)"sv},
         {"\x89HDF"sv, "an HDF5 file (.h5)"sv},
         {"\x93NUM"sv, "a NumPy array (.npy)"sv},
         {"\x1f\x8b"sv, "packed with gzip"sv},
         {"\x1f\x9d"sv, "packed with compress"sv},
         {"BZh"sv, "packed with bzip2"sv},
         {"\xfd\x37zX"sv, "packed with xz"sv},
         {"\x28\xb5\x2f\xfd"sv, "packed with zstd"sv},
         {"7z\xbc\xaf"sv, "a 7z archive"sv}}};
    const std::string_view text(reinterpret_cast<const char*>(first.data()), first.size());
    for (const auto& [begin, kind] : kinds) {
        if (text.starts_with(begin)) return kind;
    }
    return {};
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
