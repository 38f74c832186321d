#pragma once

#include "strata/core/byte_order.hpp"
#include "strata/core/checked.hpp"
#include "strata/core/errors.hpp"
#include "strata/core/printable.hpp"
#include "strata/core/text.hpp"
#include "strata/io/dtype.hpp"
#include "strata/io/json.hpp"
#include "strata/io/safetensors_header.hpp"
#include "strata/io/tensor_view.hpp"
#include "strata/system/atomic_file.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

/// `text` as a JSON string. Throws value_error if it is not UTF-8.
[[nodiscard]] inline std::string header_text(const std::string& text) {
    auto quoted = json_string(text);
    if (!quoted) raise<value_error>({"safetensors: the text ", in_quotes(text), " is not UTF-8"});
    return *std::move(quoted);
}

/// The first bytes of a safetensors file: the header's length and the header, up to the first tensor.
///
/// Tensors stand in the order given, their bytes one after the other. Throws value_error for what no reader takes:
/// a name given twice, a size that is not the shape's, a text that is not UTF-8 or too long.
[[nodiscard]] STRATA_OUT_OF_LINE inline std::string safetensors_preamble(
    std::span<const tensor_view> tensors, const std::map<std::string, std::string>& metadata) {
    std::string header;
    const auto begin_entry = [&](const std::string& name) {
        if (name.size() > safetensors_limits::name) {
            raise<value_error>(
                {"safetensors: the name ", in_quotes(name), " is longer than ", safetensors_limits::name, " bytes"});
        }
        header += concat({header.empty() || header.back() == '{' ? "" : ",", header_text(name), ":"});
    };
    header += "{";
    if (!metadata.empty()) {
        header += "\"__metadata__\":{";
        for (const auto& [key, text] : metadata) {
            begin_entry(key);
            if (text.size() > safetensors_limits::metadata) {
                raise<value_error>({"safetensors: the metadata ", in_quotes(key), " is longer than ",
                                    safetensors_limits::metadata, " bytes"});
            }
            header += header_text(text);
        }
        header += "}";
    }
    std::map<std::string, std::string> names{{"__metadata__", ""}};  // the type of the metadata: compiled once
    std::uint64_t offset = 0;
    for (const tensor_view& tensor : tensors) {
        const std::vector<std::uint64_t> extents(tensor.extents.begin(), tensor.extents.end());
        const auto count = checked_element_count(extents);
        const auto size = count ? dtype_bytes(tensor.type, *count) : std::nullopt;
        if (size != tensor.bytes.size() || extents.size() > safetensors_limits::rank) {
            raise<value_error>({"safetensors: tensor ", in_quotes(tensor.name), ": the shape ", extents_text(extents),
                                " of type ", dtype_name(tensor.type), " does not have ", tensor.bytes.size(),
                                " bytes"});
        }
        if (!names.emplace(tensor.name, "").second) {
            raise<value_error>({"safetensors: the name ", in_quotes(tensor.name), " is given twice or reserved"});
        }
        begin_entry(tensor.name);
        header += concat({"{\"dtype\":\"", dtype_name(tensor.type), "\",\"shape\":["});
        for (std::size_t axis = 0; axis < extents.size(); ++axis) {
            if (axis > 0) header += ',';
            append_integer(header, extents[axis]);
        }
        header += concat({"],\"data_offsets\":[", offset, ",", offset + *size, "]}"});
        offset += *size;
    }
    header += "}";
    // The format pads with spaces, so that the data begin at a multiple of 8 and can be mapped into memory.
    header.append((8 - header.size() % 8) % 8, ' ');
    if (header.size() > safetensors_limits::header) {
        raise<value_error>({"safetensors: a header of ", header.size(), " bytes, at most ", safetensors_limits::header,
                            " are allowed"});
    }
    std::string length;
    append_little_endian(length, header.size(), 8);
    return length + header;
}

}  // namespace detail

/// Writes a safetensors file, tensors in the order given; the same arguments give the same bytes. An older file of this
/// name is replaced only once the new one is whole on the disk.
///
/// Throws value_error for a name given twice or bytes that are not the shape's, file_error if the file cannot be
/// written. Source: https://huggingface.co/docs/safetensors
inline void write_safetensors(const std::filesystem::path& path, std::span<const tensor_view> tensors,
                              const std::map<std::string, std::string>& metadata = {}) {
    const std::string preamble = detail::safetensors_preamble(tensors, metadata);
    write_atomically(path, [&](output_file& file) {
        file.write(preamble);
        for (const tensor_view& tensor : tensors) file.write(tensor.bytes);
    });
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
