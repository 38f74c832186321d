#pragma once

#include "strata/system/file.hpp"

#include <stdlib.h>
#include <array>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace strata::authoring::test {

/// A folder of a test's own, gone with all that is in it when the test ends.
class temporary_folder {
public:
    temporary_folder() {
        std::string name = (std::filesystem::temp_directory_path() / "strata-test-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder: " + name);
        path_ = name;
    }
    ~temporary_folder() {
        std::error_code error;
        std::filesystem::remove_all(path_, error);
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    /// Writes a file into the folder and returns its path.
    std::filesystem::path file(const std::string& name, std::string_view bytes) const {
        std::ofstream(path_ / name, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        return path_ / name;
    }

    /// How many files and folders are in it.
    [[nodiscard]] std::ptrdiff_t entries() const {
        return std::distance(std::filesystem::directory_iterator(path_), std::filesystem::directory_iterator());
    }

private:
    std::filesystem::path path_;
};

/// All bytes of a regular file. Throws file_error.
inline std::string contents(const std::filesystem::path& path) {
    detail::file_source source(path);
    std::string text(static_cast<std::size_t>(source.most_left()), '\0');
    source.read(std::as_writable_bytes(std::span(text.data(), text.size())));
    source.expect_end();
    return text;
}

inline std::span<const std::byte> as_bytes(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

/// A number as bytes: `Size` of them, the highest first (idx) or the lowest first (safetensors).
template <std::size_t Size> std::string big_endian(unsigned long long number) {
    std::string bytes(Size, '\0');
    for (std::size_t i = Size; i-- > 0; number >>= 8U) bytes[i] = static_cast<char>(number & 0xffU);
    return bytes;
}

template <std::size_t Size> std::string little_endian(unsigned long long number) {
    const std::string bytes = big_endian<Size>(number);
    return {bytes.rbegin(), bytes.rend()};
}

}  // namespace strata::authoring::test
