#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/tensor.hpp"
#include "strata/io/npy_header.hpp"
#include "strata/io/tensor_view.hpp"
#include "strata/system/atomic_file.hpp"
#include "strata/system/byte_source.hpp"
#include "strata/system/file.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// An array of any type as an .npy file holds it, its values row-major and little-endian.
struct npy_array {
    std::string name;  ///< for messages, and in an .npz file
    dtype type = dtype::f32;
    std::vector<std::size_t> extents;
    std::vector<std::byte> bytes;

    [[nodiscard]] tensor_view view() const { return {name, type, extents, bytes}; }
};

/// From the order of Fortran, the first axis running fastest, to that of C.
[[nodiscard]] STRATA_OUT_OF_LINE inline std::vector<std::byte> row_major(std::span<const std::byte> values,
                                                                         std::span<const std::uint64_t> extents,
                                                                         std::size_t width) {
    std::vector<std::size_t> place(extents.size()), distance(extents.size());
    std::size_t cells = width;
    for (std::size_t axis = 0; axis < extents.size(); ++axis) {
        distance[axis] = cells;
        cells *= static_cast<std::size_t>(extents[axis]);
    }
    std::vector<std::byte> result(values.size());
    std::size_t from = 0;
    for (std::size_t to = 0; to < result.size(); to += width) {
        std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(from), width,
                    result.begin() + static_cast<std::ptrdiff_t>(to));
        for (std::size_t axis = extents.size(); axis-- > 0;) {  // the next element in the order of C
            from += distance[axis];
            if (++place[axis] < extents[axis]) break;
            from -= distance[axis] * place[axis];
            place[axis] = 0;
        }
    }
    return result;
}

/// Reads the values behind a header, row-major and little-endian, and the end of the file. Throws file_error.
STRATA_OUT_OF_LINE inline void read_npy_values(byte_source& source, const npy_header& header,
                                               std::span<std::byte> into) {
    if (const std::size_t count = source.read(into); count < into.size()) {
        raise<file_error>({source.name(), ": ", into.size(), " bytes of values expected, ", count,
                           " found (truncated download? delete it and fetch it again)"});
    }
    source.expect_end();
    const std::size_t width = dtype_bits(header.type) / 8;
    if (header.big_endian) {
        for (std::size_t first = 0; first < into.size(); first += width) {
            std::reverse(into.begin() + static_cast<std::ptrdiff_t>(first),
                         into.begin() + static_cast<std::ptrdiff_t>(first + width));
        }
    }
    if (header.fortran_order && header.extents.size() > 1) {
        const std::vector<std::byte> ordered = row_major(into, header.extents, width);
        std::copy(ordered.begin(), ordered.end(), into.begin());
    }
}

/// Reads an .npy file whose header has been read. Throws file_error.
[[nodiscard]] inline npy_array read_npy_array(byte_source& source, const npy_header& header, std::string name) {
    npy_array array{std::move(name),
                    header.type,
                    {header.extents.begin(), header.extents.end()},
                    std::vector<std::byte>(header.bytes)};
    read_npy_values(source, header, array.bytes);
    return array;
}

/// An array with these extents whose values are to be filled in.
template <class T, class Extents> [[nodiscard]] dynamic_tensor<T> unfilled_array(const Extents& extents) {
    using array = dynamic_tensor<T>;
    return array(typename array::shape_type(extents.begin(), extents.end()));
}

/// The values as an array of T. Throws file_error, with the index, for those that T does not have.
template <tensor_value T> [[nodiscard]] dynamic_tensor<T> array_of(const npy_array& array, const std::string& file) {
    auto result = unfilled_array<T>(array.extents);
    convert(array.view(), std::span<T>(result.data(), result.size()), file);
    return result;
}

}  // namespace detail

/// An array under a name, to be written. It refers to a row-major container, which has to live as long; anything else
/// is evaluated and kept.
class named_array {
public:
    template <class E>
        requires(xt::is_xexpression<E>::value)
    named_array(std::string name, const E& array) {
        using value = typename E::value_type;
        constexpr bool in_memory = requires {
            { array.data() } -> std::convertible_to<const value*>;
            array.layout();
        };
        const auto set = [&](const value* values, const auto& shape, std::size_t size) {
            view_ = view_of(std::move(name), {shape.begin(), shape.end()}, std::span<const value>(values, size));
        };
        if constexpr (in_memory) {
            if (detail::lies_row_major(array)) {
                set(array.data() + detail::offset_in_memory(array), array.shape(), array.size());
                return;
            }
        }
        auto copy = std::make_shared<dynamic_tensor<value>>(array);
        set(copy->data(), copy->shape(), copy->size());
        owner_ = std::move(copy);
    }

    [[nodiscard]] const tensor_view& view() const { return view_; }

private:
    tensor_view view_;
    std::shared_ptr<const void> owner_;
};

/// Reads an .npy file from any source of bytes; `load_npy` below is the usual way in.
template <tensor_value T> [[nodiscard]] dynamic_tensor<T> parse_npy(detail::byte_source& source) {
    const detail::npy_header header = detail::read_npy_header(source);
    if (header.type != dtype_of<T>()) return detail::array_of<T>(read_npy_array(source, header, "npy"), source.name());
    auto result = detail::unfilled_array<T>(header.extents);
    detail::read_npy_values(source, header, std::as_writable_bytes(std::span<T>(result.data(), result.size())));
    return result;
}

/// Reads a file that numpy.save wrote, of versions 1.0 to 3.0, as an array of T (NumPy: load): bool, integers, and
/// floats of 2, 4 or 8 bytes, of either byte order, in the order of C or Fortran. A double may be rounded to a float,
/// integers become floats; no other value may change.
///
/// Throws file_error for a missing or damaged file, bytes behind the values, other types (objects, text, complex
/// numbers, records) and values that T does not have.
/// Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
template <tensor_value T> [[nodiscard]] dynamic_tensor<T> load_npy(const std::filesystem::path& path) {
    detail::file_source source(path);
    return parse_npy<T>(source);
}

/// Writes an array as numpy.save does, byte for byte; an older file of this name is replaced only once the new one is
/// whole on the disk. Throws file_error.
template <class E>
    requires(xt::is_xexpression<E>::value)
void save_npy(const std::filesystem::path& path, const E& array) {
    const named_array named("npy", array);
    const std::string preamble = detail::npy_preamble(named.view().type, named.view().extents);
    write_atomically(path, [&](output_file& file) {
        file.write(preamble);
        file.write(named.view().bytes);
    });
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::load_npy;
using authoring::save_npy;
}  // namespace strata
