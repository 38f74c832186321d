#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/tensor.hpp"
#include "strata/core/text.hpp"
#include "strata/io/dtype.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// All that a run of training needs to go on: named arrays, which are written to a file or come from one. The same
/// calls save and load: a callback that keeps something between epochs has
///
///     void archive(run_archive& run) { run.number("wait", wait); run.optional("best", best); }
class run_archive {
public:
    /// One array, as a safetensors file has it.
    struct entry {
        std::string name;
        dtype type;
        std::vector<std::size_t> extents;
        std::vector<std::byte> bytes;
    };

    /// Collects what is to be saved.
    run_archive() = default;

    /// What was saved. At first it is only checked: `load()` begins to change what is given.
    run_archive(std::vector<entry> entries, std::string file)
        : entries_{std::move(entries)}, file_{std::move(file)}, mode_{mode::check} {}

    bool loads() const { return mode_ == mode::load; }
    void load() { mode_ = mode::load; }

    const std::vector<entry>& entries() const { return entries_; }

    /// The model's type as text; only people read it.
    const std::string& network() const { return network_; }
    void set_network(std::string text) { network_ = std::move(text); }

    /// What the names of the arrays that follow begin with.
    void begin_with(std::string prefix) { prefix_ = std::move(prefix); }

    /// An array of a fixed size. Throws file_error if the file has none of this name, type and shape.
    void values(std::string_view name, const std::vector<std::size_t>& extents, std::span<float> array) {
        fixed(name, dtype::f32, extents, std::as_writable_bytes(array));
    }
    void values(std::string_view name, const std::vector<std::size_t>& extents, std::span<double> array) {
        fixed(name, dtype::f64, extents, std::as_writable_bytes(array));
    }

    /// One number.
    void number(std::string_view name, double& value) { fixed(name, dtype::f64, {}, bytes_of(value)); }
    void number(std::string_view name, std::uint64_t& value) { fixed(name, dtype::u64, {}, bytes_of(value)); }
    STRATA_OUT_OF_LINE void number(std::string_view name, bool& value) {
        std::uint64_t stored = value ? 1 : 0;
        number(name, stored);
        if (loads()) value = stored != 0;
    }

    /// A number or none.
    STRATA_OUT_OF_LINE void optional(std::string_view name, std::optional<double>& value) {
        std::vector<double> stored;
        if (value) stored.push_back(*value);
        numbers(name, stored);
        if (loads()) value = stored.empty() ? std::nullopt : std::optional(stored[0]);
    }

    /// How many arrays follow. Throws file_error for more than the file has.
    STRATA_OUT_OF_LINE void count(std::string_view name, std::uint64_t& value) {
        number(name, value);
        if (loads() && value > entries_.size())
            raise<file_error>({file_, ": damaged: ", prefix_, name, " is ", std::to_string(value)});
    }

    /// What has the same size in every run.
    void fixed_bytes(std::string_view name, std::span<std::byte> bytes) {
        fixed(name, dtype::u8, {bytes.size()}, bytes);
    }

    /// Arrays of any length.
    void numbers(std::string_view name, std::vector<double>& values) { any(name, dtype::f64, values); }
    void numbers(std::string_view name, std::vector<std::uint64_t>& values) { any(name, dtype::u64, values); }
    void bytes(std::string_view name, std::vector<std::byte>& values) { any(name, dtype::u8, values); }
    STRATA_OUT_OF_LINE void text(std::string_view name, std::string& value) {
        std::vector<char> stored(value.begin(), value.end());
        any(name, dtype::u8, stored);
        if (loads()) value.assign(stored.begin(), stored.end());
    }

    /// What has to be as it was when the run was saved. Throws value_error, with both, where it is not.
    STRATA_OUT_OF_LINE void same(std::string_view name, std::uint64_t value) {
        if (mode_ == mode::save) return number(name, value);
        std::uint64_t before = 0;
        std::memcpy(&before, found(name, dtype::u64, 8).bytes.data(), 8);
        if (before != value) refuse(name, std::to_string(before), std::to_string(value));
    }
    STRATA_OUT_OF_LINE void same(std::string_view name, const std::string& value) {
        std::string stored = value;
        text(name, stored);
        if (mode_ == mode::save) return;
        stored = text_of(found(name, dtype::u8, 1));
        if (stored != value) refuse(name, stored, value);
    }

    /// The same for what a run may be without: then `value` is empty, and the file has no array of this name.
    STRATA_OUT_OF_LINE void same_or_none(std::string_view name, const std::string& value) {
        if (mode_ == mode::save) {
            if (!value.empty()) same(name, value);
            return;
        }
        const entry* const stored = find(name);
        const std::string before = stored == nullptr ? std::string() : text_of(*stored);
        if (before != value) refuse(name, before.empty() ? "none" : before, value.empty() ? "none" : value);
    }

private:
    enum class mode { save, check, load };

    template <class T> static std::span<std::byte> bytes_of(T& value) {
        return std::as_writable_bytes(std::span(&value, 1));
    }

    [[noreturn]] void refuse(std::string_view name, const std::string& before, const std::string& now) const {
        raise<value_error>({file_, ": the run was begun with ", prefix_, name, " = ", before, ", now it is ", now,
                            " (go on as it was begun, or begin anew with another file)"});
    }

    static std::string text_of(const entry& one) {
        return {reinterpret_cast<const char*>(one.bytes.data()), one.bytes.size()};
    }

    const entry* find(std::string_view name) const {
        for (const entry& one : entries_) {
            if (one.name.size() == prefix_.size() + name.size() && one.name.starts_with(prefix_) &&
                one.name.ends_with(name))
                return &one;
        }
        return nullptr;
    }

    const entry& found(std::string_view name, dtype type, std::size_t size) const {
        if (const entry* const one = find(name); one != nullptr && one->type == type && one->bytes.size() % size == 0)
            return *one;
        raise<file_error>(
            {file_, ": not a run of this training: ", prefix_, name,
             " is missing or of another kind (it was begun with another network, optimizer or callbacks)"});
    }

    STRATA_OUT_OF_LINE void fixed(std::string_view name, dtype type, const std::vector<std::size_t>& extents,
                                  std::span<std::byte> bytes) {
        if (mode_ == mode::save) {
            entries_.push_back({prefix_ + std::string(name), type, extents, {bytes.begin(), bytes.end()}});
            return;
        }
        const entry& stored = found(name, type, 1);
        if (stored.extents != extents || stored.bytes.size() != bytes.size()) {
            raise<file_error>({file_, ": not a run of this training: ", prefix_, name, " has the shape ",
                               shape_text(stored.extents), ", expected is ", shape_text(extents)});
        }
        if (loads() && !bytes.empty()) std::memcpy(bytes.data(), stored.bytes.data(), bytes.size());
    }

    template <class T> void any(std::string_view name, dtype type, std::vector<T>& values) {
        if (mode_ == mode::save) {
            fixed(name, type, {values.size()}, std::as_writable_bytes(std::span(values)));
            return;
        }
        const entry& stored = found(name, type, sizeof(T));
        if (!loads()) return;
        values.resize(stored.bytes.size() / sizeof(T));
        if (!values.empty()) std::memcpy(values.data(), stored.bytes.data(), stored.bytes.size());
    }

    std::vector<entry> entries_;
    std::string file_;
    std::string prefix_;
    std::string network_;
    mode mode_ = mode::save;
};

/// How runs are written and read; null unless strata/training/run_file.hpp is included.
struct run_files {
    void (*write)(const std::string& path, const run_archive& run) = nullptr;
    bool (*exists)(const std::string& path) = nullptr;
    run_archive (*read)(const std::string& path) = nullptr;
};

/// The functions that a program has.
inline run_files& files_of_runs() {
    static run_files files;
    return files;
}

namespace detail {

/// The same, for a call that needs them. Throws value_error where there are none.
STRATA_OUT_OF_LINE inline const run_files& run_files_of_program() {
    if (files_of_runs().write == nullptr)
        raise<value_error>({"a run of training cannot be saved or loaded: include <strata/training/run_file.hpp>"});
    return files_of_runs();
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
