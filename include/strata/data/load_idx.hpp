#pragma once

#include "strata/core/tensor.hpp"
#include "strata/data/idx.hpp"
#include "strata/io/dtype.hpp"
#include "strata/io/tensor_view.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// The type that the third byte of an idx file stands for, or nothing.
[[nodiscard]] inline std::optional<dtype> dtype_of_idx(std::uint8_t type) {
    switch (type) {
        case 0x08:
            return dtype::u8;
        case 0x09:
            return dtype::i8;
        case 0x0b:
            return dtype::i16;
        case 0x0c:
            return dtype::i32;
        case 0x0d:
            return dtype::f32;
        case 0x0e:
            return dtype::f64;
        default:
            return std::nullopt;
    }
}

/// An idx array of any type and rank, its values little-endian; `view` describes what is returned. Throws file_error.
[[nodiscard]] STRATA_OUT_OF_LINE inline std::vector<std::byte> read_idx_tensor(byte_source& source, tensor_view& view) {
    idx_header_reader header(source, 0);
    const auto [type, rank] = header.magic();
    const auto known = dtype_of_idx(type);
    if (!known) header.fail({"elements of type ", type, ", which idx does not have"}, wrong_file);
    header.set_rank(rank);
    std::vector<std::uint64_t> extents;
    while (extents.size() < rank) extents.push_back(header.extent());
    const std::size_t width = dtype_bits(*known) / 8;
    std::vector<std::byte> bytes;
    read_idx_values(source, extents, width, "items", [&](std::size_t size) {
        bytes.resize(size);
        return std::span(bytes);
    });
    for (std::size_t first = 0; width > 1 && first < bytes.size(); first += width) {
        std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(first),
                     bytes.begin() + static_cast<std::ptrdiff_t>(first + width));
    }
    view = {"idx", *known, {extents.begin(), extents.end()}, bytes};
    return bytes;
}

}  // namespace detail

/// Reads an idx array of any type and rank from any source of bytes; `load_idx` below is the usual way in.
template <tensor_value T> [[nodiscard]] dynamic_tensor<T> parse_idx_tensor(detail::byte_source& source) {
    tensor_view view;
    const std::vector<std::byte> bytes = detail::read_idx_tensor(source, view);
    using array = dynamic_tensor<T>;
    array result(typename array::shape_type(view.extents.begin(), view.extents.end()));
    convert(view, std::span<T>(result.data(), result.size()), source.name());
    return result;
}

/// Reads an idx file of any type and rank, plain or packed with gzip, as an array of T. A double may be rounded to a
/// float, integers become floats; no other value may change.
///
/// Throws file_error for a missing file, one that is too short or too long, damage, and values that T does not have.
template <tensor_value T> [[nodiscard]] dynamic_tensor<T> load_idx(const std::filesystem::path& path) {
    const auto source = detail::open_unpacked(path);
    return parse_idx_tensor<T>(*source);
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::load_idx;
}  // namespace strata
