#pragma once

#include "strata/core/byte_order.hpp"
#include "strata/core/checked.hpp"
#include "strata/core/errors.hpp"
#include "strata/core/printable.hpp"
#include "strata/io/safetensors_header.hpp"
#include "strata/io/safetensors_layout.hpp"
#include "strata/io/safetensors_writer.hpp"
#include "strata/io/tensor_view.hpp"
#include "strata/system/byte_source.hpp"
#include "strata/system/file.hpp"
#include "strata/system/file_kind.hpp"

#include <algorithm>
#include <array>
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

/// How a file of weights is read.
struct read_options {
    /// NaN or infinity in a tensor is an error that names the tensor and the index.
    bool reject_nonfinite = false;
};

/// The tensors of a safetensors file, read whole and checked to the last byte. A value: copies own their bytes.
///
/// Source: https://huggingface.co/docs/safetensors.
class safetensors_file {
public:
    /// Reads a file. Throws file_error for anything that the format does not allow: wrong lengths, holes, overlaps and
    /// trailing bytes in the data, duplicate or unknown keys, unknown dtypes, names above 4096 bytes, rank above 32.
    /// Tensors of types that are not convertible do not keep the others from being read.
    [[nodiscard]] static safetensors_file read(const std::filesystem::path& path, const read_options& options = {}) {
        detail::file_source source(path);
        return read(source, options);
    }

    /// The same for a file that is in memory already; messages call it `name`.
    [[nodiscard]] static safetensors_file read(std::span<const std::byte> bytes, const std::string& name,
                                               const read_options& options = {}) {
        detail::memory_source source(bytes, name);
        return read(source, options);
    }

    /// The names of all tensors, in the file's order.
    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const auto& tensor : header_.tensors) names.push_back(tensor.name);
        return names;
    }

    /// How many tensors there are.
    [[nodiscard]] std::size_t size() const { return header_.tensors.size(); }

    [[nodiscard]] bool contains(const std::string& name) const { return find(name).has_value(); }

    /// The place of the tensor of this name among `names()`, or nothing.
    [[nodiscard]] STRATA_OUT_OF_LINE std::optional<std::size_t> find(const std::string& name) const {
        std::size_t begin = 0;
        for (std::size_t end = header_.by_name.size(); begin < end;) {
            const std::size_t middle = begin + (end - begin) / 2;
            const std::size_t place = header_.by_name[middle];
            const int order = header_.tensors[place].name.compare(name);
            if (order == 0) return place;
            if (order < 0) {
                begin = middle + 1;
            } else {
                end = middle;
            }
        }
        return std::nullopt;
    }

    /// The tensor of this name; the view lives as long as this object. Throws file_error if there is none.
    [[nodiscard]] STRATA_OUT_OF_LINE tensor_view at(const std::string& name) const& {
        const auto place = find(name);
        if (!place) {
            raise<file_error>({file_name_, ": tensor ", detail::in_quotes(name), " expected, not there (", size(),
                               " others are; is it the right file?)"});
        }
        return view(header_.tensors[*place]);
    }
    tensor_view at(const std::string& name) const&& = delete;

    /// The values of the tensor of this name, row-major, as `to_vector` converts them. Throws file_error.
    template <tensor_value T> [[nodiscard]] std::vector<T> values(const std::string& name) const {
        return to_vector<T>(at(name), file_name_);
    }

    /// The texts under `__metadata__`; empty if there are none.
    [[nodiscard]] const std::map<std::string, std::string>& metadata() const { return header_.metadata; }

    /// What messages call this file.
    [[nodiscard]] const std::string& file_name() const { return file_name_; }

private:
    [[nodiscard]] STRATA_OUT_OF_LINE static safetensors_file read(detail::byte_source& source,
                                                                  const read_options& options) {
        safetensors_file file;
        file.file_name_ = source.name();
        file.header_ = read_header(source);
        detail::check_layout(file.header_, source.most_left(), source.name());
        const auto size = detail::checked_size(source.most_left());
        if (!size) raise<file_error>({source.name(), ": larger than this program can address (use a 64-bit build)"});
        file.data_.resize(*size);
        source.read(file.data_);
        source.expect_end();
        if (options.reject_nonfinite) file.require_finite();
        return file;
    }

    [[nodiscard]] static detail::safetensors_header read_header(detail::byte_source& source) {
        constexpr const char* advice = " (truncated, or not a safetensors file? fetch or write it again)";
        std::array<std::byte, 8> prefix{};
        if (const std::size_t count = source.read(prefix); count < prefix.size()) {
            raise<file_error>(
                {source.name(), ": 8 bytes of header length expected, file ends after ", count, " bytes", advice});
        }
        const std::uint64_t length = little_endian(prefix);
        const auto name_other_kind = [&] {
            if (const auto kind = detail::kind_of_file(prefix); !kind.empty()) {
                raise<file_error>({source.name(), ": a safetensors file expected, this is ", kind,
                                   " (unpack it, or convert it to safetensors)"});
            }
        };
        if (length > std::min(source.most_left(), detail::safetensors_limits::header)) name_other_kind();
        if (length > detail::safetensors_limits::header) {
            raise<file_error>({source.name(), ": a header of ", length, " bytes, at most ",
                               detail::safetensors_limits::header, " expected; is it a safetensors file?", advice});
        }
        if (length > source.most_left()) {
            raise<file_error>({source.name(), ": a header of ", length, " bytes expected, file ends after ",
                               source.most_left(), " of them", advice});
        }
        std::string text(length, '\0');
        source.read(std::as_writable_bytes(std::span(text)));
        if (!text.starts_with('{')) name_other_kind();
        return detail::parse_safetensors_header(text, source.name());
    }

    [[nodiscard]] tensor_view view(const detail::tensor_record& tensor) const {
        // check_layout has compared everything here with the size of data_, so nothing can be cut off.
        return {tensor.name, tensor.type, std::vector<std::size_t>(tensor.extents.begin(), tensor.extents.end()),
                std::span(data_).subspan(tensor.begin, tensor.end - tensor.begin)};
    }

    void require_finite() const {
        for (const auto& record : header_.tensors) {
            const tensor_view tensor = view(record);
            const auto index = first_nonfinite(tensor);
            if (!index) continue;
            raise<file_error>(
                {file_name_, ": tensor ", detail::in_quotes(tensor.name), ": element ", *index,
                 detail::index_text(tensor.extents, *index),
                 " is NaN or infinite, finite values expected (did training diverge? take an earlier file)"});
        }
    }

    std::string file_name_;
    detail::safetensors_header header_;
    std::vector<std::byte> data_;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
