#pragma once

#include "strata/core/errors.hpp"
#include "strata/system/file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <system_error>
#include <utility>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// Bytes that are read at any place: a file, or memory. For formats whose table of contents is at the end (zip); a
/// byte_source is for all others.
class byte_storage {
public:
    virtual ~byte_storage() = default;
    byte_storage(const byte_storage&) = delete;
    byte_storage& operator=(const byte_storage&) = delete;

    /// Fills `into` with the bytes from `offset` on, which must be there. Throws file_error where the system fails.
    virtual void read_at(std::uint64_t offset, std::span<std::byte> into) const = 0;

    [[nodiscard]] std::uint64_t size() const { return size_; }

    /// What messages call it; a path as a rule.
    [[nodiscard]] const std::string& name() const { return name_; }

protected:
    byte_storage(std::uint64_t size, std::string name) : size_(size), name_(std::move(name)) {}

private:
    std::uint64_t size_;
    std::string name_;
};

/// A byte_storage over memory that somebody else owns.
class memory_storage final : public byte_storage {
public:
    memory_storage(std::span<const std::byte> bytes, std::string name)
        : byte_storage(bytes.size(), std::move(name)), bytes_(bytes) {}

    void read_at(std::uint64_t offset, std::span<std::byte> into) const override {
        const auto part = bytes_.subspan(offset, into.size());
        std::copy(part.begin(), part.end(), into.begin());
    }

private:
    std::span<const std::byte> bytes_;
};

/// A byte_storage over a regular file.
class file_storage final : public byte_storage {
public:
    /// Opens `path`. Throws file_error.
    explicit file_storage(const std::filesystem::path& path)
        : byte_storage(regular_file_size(path, path.string()), path.string()),
          descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
        if (descriptor_ < 0) {
            raise<file_error>(
                {name(), ": cannot be opened: ", std::generic_category().message(errno), " (check the permissions)"});
        }
    }

    ~file_storage() override { ::close(descriptor_); }

    void read_at(std::uint64_t offset, std::span<std::byte> into) const override {
        while (!into.empty()) {
            const std::size_t wanted = std::min<std::size_t>(into.size(), 1U << 30U);
            const ::ssize_t count = ::pread(descriptor_, into.data(), wanted, static_cast<::off_t>(offset));
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) {
                raise<file_error>({name(), count < 0 ? ": the system failed to read it" : ": became shorter while read",
                                   " (try again; check the disk, and whether another program writes the file)"});
            }
            into = into.subspan(static_cast<std::size_t>(count));
            offset += static_cast<std::uint64_t>(count);
        }
    }

private:
    int descriptor_;
};

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
