#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/printable.hpp"
#include "strata/core/tensor.hpp"
#include "strata/core/text.hpp"
#include "strata/core/utf8.hpp"
#include "strata/io/npy.hpp"
#include "strata/io/zip.hpp"
#include "strata/io/zip_source.hpp"
#include "strata/io/zip_writer.hpp"
#include "strata/system/atomic_file.hpp"
#include "strata/system/byte_storage.hpp"
#include "strata/system/crc32.hpp"
#include "strata/system/deflate.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// The arrays of an .npz file, by the names that they have in NumPy.
class NpzFile {
public:
    /// See load_npz.
    STRATA_OUT_OF_LINE explicit NpzFile(const detail::byte_storage& storage) : file_(storage.name()) {
        for (const detail::zip_entry& entry : detail::zip_directory_reader(storage).read()) {
            if (!entry.name.ends_with(".npy")) {
                raise<file_error>({file_, ": ", detail::in_quotes(entry.name),
                                   ": an .npz file holds .npy files only (save it with numpy.savez)"});
            }
            std::string name = entry.name.substr(0, entry.name.size() - 4);
            if (!number_of_.emplace(name, arrays_.size()).second) {
                raise<file_error>({file_, ": ", detail::in_quotes(entry.name),
                                   " is there twice (damaged? delete it and fetch it again)"});
            }
            detail::zip_source source(storage, entry);
            const detail::npy_header header = detail::read_npy_header(source);
            arrays_.push_back(detail::read_npy_array(source, header, name));
            names_.push_back(std::move(name));
        }
    }

    /// In the order of the file.
    const std::vector<std::string>& names() const { return names_; }

    bool contains(std::string_view name) const { return number_of_.find(name) != number_of_.end(); }

    /// The shape of an array. Throws value_error where there is none of this name.
    const std::vector<std::size_t>& shape(std::string_view name) const { return find(name).extents; }

    /// An array, its values converted as load_npy does. Throws value_error where there is none of this name, file_error
    /// for values that T does not have.
    template <tensor_value T> dynamic_tensor<T> array(std::string_view name) const {
        return detail::array_of<T>(find(name), file_);
    }

private:
    STRATA_OUT_OF_LINE const detail::npy_array& find(std::string_view name) const {
        if (const auto found = number_of_.find(name); found != number_of_.end()) return arrays_[found->second];
        std::string names = names_.empty() ? "none" : "";
        for (std::size_t i = 0; i < std::min<std::size_t>(names_.size(), 20); ++i)
            names += (i == 0 ? "" : ", ") + detail::in_quotes(names_[i]);
        raise<value_error>({file_, ": there is no array ", detail::in_quotes(name), "; there are ", names,
                            names_.size() > 20 ? ", …" : ""});
    }

    std::string file_;
    std::vector<detail::npy_array> arrays_;
    std::vector<std::string> names_;
    std::map<std::string, std::size_t, std::less<>> number_of_;
};

/// Reads a file that numpy.savez or savez_compressed wrote, all of its arrays (NumPy: load). It is a zip archive, which
/// is read strictly: checksums, sizes and headers must agree, nothing may stand between or behind its files, and names
/// choose no path. Packed arrays need zlib.
///
/// Throws file_error for a missing or damaged file, for entries that are no .npy, and for what load_npy refuses.
[[nodiscard]] inline NpzFile load_npz(const std::filesystem::path& path) { return NpzFile(detail::file_storage(path)); }

/// How an .npz file is written.
struct npz_options {
    bool compressed = false;  ///< packed with deflate, which needs zlib (NumPy: savez_compressed)
};

/// Writes arrays as numpy.savez does, byte for byte: `save_npz("data.npz", {{"x", x}, {"y", y}})`. An older file of
/// this name is replaced only once the new one is whole on the disk.
///
/// Throws value_error for a name given twice, too long or with a zero in it, file_error if the file cannot be written.
STRATA_OUT_OF_LINE inline void save_npz(const std::filesystem::path& path, std::initializer_list<named_array> arrays,
                                        const npz_options& options = {}) {
    std::map<std::string, std::size_t, std::less<>> names;
    for (const named_array& array : arrays) {
        const std::string& name = array.view().name;
        if (!names.emplace(name, 0).second || name.size() > 65000 || name.find('\0') != std::string::npos ||
            !detail::is_utf8(name)) {
            raise<value_error>({"save_npz: the name ", detail::in_quotes(name),
                                " is given twice, too long, no UTF-8, or has a zero in it (give another one)"});
        }
    }
#ifndef STRATA_HAS_ZLIB
    if (options.compressed)
        raise<value_error>({"save_npz: this program was built without zlib (leave out .compressed)"});
#endif
    write_atomically(path, [&](output_file& file) {
        std::vector<detail::zip_entry> entries;
        std::uint64_t end = 0;
        for (const named_array& array : arrays) {
            const tensor_view& view = array.view();
            const std::string preamble = detail::npy_preamble(view.type, view.extents);
            const auto first = std::as_bytes(std::span(preamble));
            detail::zip_entry entry{.name = view.name + ".npy",
                                    .crc = detail::crc32_of(view.bytes, detail::crc32_of(first)),
                                    .size = first.size() + view.bytes.size(),
                                    .header = end};
            const bool ascii = std::all_of(entry.name.begin(), entry.name.end(), [](char c) { return c > 0; });
            entry.flags = ascii ? 0 : 0x800;  // a name in UTF-8
            entry.packed = entry.size;
            std::vector<std::byte> packed;
#ifdef STRATA_HAS_ZLIB
            if (options.compressed) {
                packed = detail::deflated({first, view.bytes});
                entry.method = 8;
                entry.packed = packed.size();
            }
#endif
            const std::string header = detail::zip_own_header(entry);
            file.write(header);
            if (options.compressed) {
                file.write(packed);
            } else {
                file.write(first);
                file.write(view.bytes);
            }
            entry.data = end + header.size();
            end = entry.data + entry.packed;
            entries.push_back(std::move(entry));
        }
        file.write(detail::zip_directory(entries));
    });
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::load_npz;
using authoring::npz_options;
using authoring::NpzFile;
using authoring::save_npz;
}  // namespace strata
