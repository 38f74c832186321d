#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/text.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <concepts>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// A file being written by `write_atomically`; nobody sees it under its final name before it is whole.
class output_file {
public:
    /// Appends all of `bytes`. Throws file_error, for example when the disk is full.
    void write(std::span<const std::byte> bytes) {
        while (!bytes.empty()) {
            // One call may write less than it was given, and some systems refuse more than 2 GiB at a time.
            const ::ssize_t count = ::write(descriptor_, bytes.data(), std::min<std::size_t>(bytes.size(), 1U << 30U));
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) fail("cannot be written", errno);
            bytes = bytes.subspan(static_cast<std::size_t>(count));
        }
    }

    /// Appends all characters of `text`. Throws file_error.
    void write(std::string_view text) { write(std::as_bytes(std::span(text.data(), text.size()))); }

    output_file(const output_file&) = delete;
    output_file& operator=(const output_file&) = delete;

    ~output_file() {
        if (descriptor_ >= 0) ::close(descriptor_);
        if (!temporary_.empty()) ::unlink(temporary_.c_str());
    }

private:
    explicit output_file(const std::filesystem::path& path) : target_(path) {
        if (path.empty()) raise<file_error>({"a file cannot be written without a name"});
        std::error_code error;
        // A rename onto a symbolic link would replace the link; the file that it names, if only later, is what is
        // meant.
        for (int links = 0; std::filesystem::is_symlink(target_, error); ++links) {
            if (links == 40) fail("cannot be created", ELOOP);
            target_ = target_.parent_path() / std::filesystem::read_symlink(target_, error);
        }
        const auto old = std::filesystem::status(target_, error);
        if (std::filesystem::exists(old) && !std::filesystem::is_regular_file(old)) {
            raise<file_error>({path.string(), ": is a folder or a device, not a file (choose another name)"});
        }
        static std::atomic<unsigned> serial = 0;
        for (int attempt = 0; attempt < 1000 && descriptor_ < 0; ++attempt) {
            // Not the target's name with something behind it: that may be as long as names can be.
            std::filesystem::path candidate =
                target_.parent_path() / concat({".tmp-", std::to_string(::getpid()), "-", serial++});
            descriptor_ = ::open(candidate.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
            if (descriptor_ >= 0) temporary_ = std::move(candidate);
            if (descriptor_ < 0 && errno != EEXIST) break;
        }
        if (descriptor_ < 0) fail("cannot be created", errno);
        // A file that others may not read keeps that when it is written anew.
        if (std::filesystem::exists(old)) ::fchmod(descriptor_, static_cast<::mode_t>(old.permissions()));
    }

    void commit() {
        if (::fsync(descriptor_) != 0) fail("cannot be brought to the disk", errno);
        if (::close(std::exchange(descriptor_, -1)) != 0) fail("cannot be closed", errno);
        if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail("cannot be renamed into place", errno);
        temporary_.clear();
        // The new name survives a power cut only once the folder is on the disk too. Not every file system can do
        // that, and the file is whole either way, so a failure here is no error.
        const std::string folder = target_.has_parent_path() ? target_.parent_path().string() : ".";
        if (const int handle = ::open(folder.c_str(), O_RDONLY | O_CLOEXEC); handle >= 0) {
            static_cast<void>(::fsync(handle));
            ::close(handle);
        }
    }

    [[noreturn]] void fail(const char* what, int code) const {
        raise<file_error>(
            {target_.string(), ": ", what, ": ", std::generic_category().message(code),
             " (an older file of this name is untouched; check the folder, its permissions and free space)"});
    }

    std::filesystem::path target_;
    std::filesystem::path temporary_;
    int descriptor_ = -1;

    template <std::invocable<output_file&> Fill>
    friend void write_atomically(const std::filesystem::path& path, Fill&& fill);
};

/// Writes a file that is there whole or not at all: `fill(output_file&)` writes into a temporary file in the same
/// folder, which is flushed to the disk and renamed. An exception, a crash or a full disk leaves an older file as it
/// was.
///
/// Throws file_error, and whatever `fill` throws.
template <std::invocable<output_file&> Fill> void write_atomically(const std::filesystem::path& path, Fill&& fill) {
    output_file file(path);
    std::forward<Fill>(fill)(file);
    file.commit();
}

/// Writes these bytes as a file that is there whole or not at all. Throws file_error.
inline void write_atomically(const std::filesystem::path& path, std::span<const std::byte> bytes) {
    write_atomically(path, [&](output_file& file) { file.write(bytes); });
}

/// Writes this text as a file that is there whole or not at all. Throws file_error.
inline void write_atomically(const std::filesystem::path& path, std::string_view text) {
    write_atomically(path, [&](output_file& file) { file.write(text); });
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
