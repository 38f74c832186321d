#pragma once

#include "strata/core/errors.hpp"
#include "strata/system/byte_source.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <utility>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// The size of a regular file as the operating system gives it. `name` stands for the file in messages.
///
/// Throws file_error for what is missing, not readable or not a regular file: a folder, a pipe or a device has no size
/// that a header could be compared with.
[[nodiscard]] inline std::uint64_t regular_file_size(const std::filesystem::path& path, const std::string& name) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (status.type() == std::filesystem::file_type::not_found) {
        raise<file_error>({name, ": no such file (check the path)"});
    }
    if (error) raise<file_error>({name, ": cannot be looked at: ", error.message(), " (check the permissions)"});
    if (status.type() != std::filesystem::file_type::regular) {
        raise<file_error>({name, ": a regular file was expected, this is a ",
                           status.type() == std::filesystem::file_type::directory ? "folder" : "pipe or a device",
                           " (give the path of the file itself)"});
    }
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    if (error) raise<file_error>({name, ": its size is unknown: ", error.message(), " (check the permissions)"});
    return size;
}

/// A byte_source over a regular file whose size is known before the first byte is read.
class file_source final : public byte_source {
public:
    /// Opens `path`; messages call it `name`, the path itself where that is empty. Throws file_error.
    explicit file_source(const std::filesystem::path& path, std::string name = {})
        : byte_source(name.empty() ? path.string() : std::move(name)),
          left_(regular_file_size(path, this->name())),
          file_(std::fopen(path.string().c_str(), "rb")) {
        if (!file_) {
            raise<file_error>({this->name(), ": cannot be opened: ", std::generic_category().message(errno),
                               " (check the permissions)"});
        }
    }

    std::size_t read(std::span<std::byte> into) override {
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left_));
        if (wanted == 0) return 0;
        if (std::fread(into.data(), 1, wanted, file_.get()) != wanted) {
            raise<file_error>({name(),
                               std::ferror(file_.get()) != 0 ? ": the system failed to read it"
                                                             : ": became shorter while it was read",
                               " (try again; check the disk, and whether another program writes the file)"});
        }
        left_ -= wanted;
        return wanted;
    }

    [[nodiscard]] std::uint64_t most_left() const override { return left_; }

    void expect_end() override {
        if (left_ != 0) refuse_trailing_bytes(name(), left_);
        if (std::fgetc(file_.get()) != EOF) {
            raise<file_error>({name(), ": became longer while it was read (does another program write it? try again)"});
        }
    }

private:
    struct closer {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };

    std::uint64_t left_;
    std::unique_ptr<std::FILE, closer> file_;
};

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
