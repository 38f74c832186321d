#pragma once

#include "strata/core/errors.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// Where a file reader takes its bytes from: a file, memory, or a gzip stream over one of them.
///
/// A reader takes the header, compares the sizes in it with `most_left()`, only then asks for memory, reads the rest,
/// and finally calls `expect_end()`.
class byte_source {
public:
    virtual ~byte_source() = default;
    byte_source(const byte_source&) = delete;
    byte_source& operator=(const byte_source&) = delete;

    /// Fills `into` from the front and returns how many bytes it got; fewer than asked for means the end.
    virtual std::size_t read(std::span<std::byte> into) = 0;

    /// No more bytes than these can follow; exact where the source is not packed.
    [[nodiscard]] virtual std::uint64_t most_left() const = 0;

    /// Whether the bytes are unpacked while they are read, so that `most_left()` says little about how many there are.
    [[nodiscard]] virtual bool is_packed() const { return false; }

    /// Throws file_error unless the source ends exactly here, whole and undamaged.
    virtual void expect_end() = 0;

    /// What messages call this source; a path as a rule.
    [[nodiscard]] const std::string& name() const { return name_; }

protected:
    explicit byte_source(std::string name) : name_(std::move(name)) {}

private:
    std::string name_;
};

/// Throws the error for bytes behind the end of the data.
[[noreturn]] inline void refuse_trailing_bytes(const std::string& name, std::uint64_t count) {
    raise<file_error>({name, ": ", count, count == 1 ? " byte follows" : " bytes follow",
                       " where the data should end (damaged, or another format? delete it and fetch it again)"});
}

/// A byte_source over memory that somebody else owns.
class memory_source final : public byte_source {
public:
    memory_source(std::span<const std::byte> bytes, std::string name) : byte_source(std::move(name)), bytes_(bytes) {}

    std::size_t read(std::span<std::byte> into) override {
        const std::size_t count = std::min(into.size(), bytes_.size());
        if (count > 0) std::memcpy(into.data(), bytes_.data(), count);
        bytes_ = bytes_.subspan(count);
        return count;
    }

    [[nodiscard]] std::uint64_t most_left() const override { return bytes_.size(); }

    void expect_end() override {
        if (!bytes_.empty()) refuse_trailing_bytes(name(), bytes_.size());
    }

private:
    std::span<const std::byte> bytes_;
};

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
