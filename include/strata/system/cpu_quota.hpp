#pragma once

#include "strata/core/text.hpp"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <system_error>

/// How many processors' worth of time Linux' control groups grant: containers are limited in this way, and a program
/// that starts a thread for each processor of the machine is stopped for most of the time.
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// All of a small file; empty where there is none.
STRATA_OUT_OF_LINE inline std::string read_small_file(const std::string& path) {
    std::string text;
    if (std::FILE* file = std::fopen(path.c_str(), "rb")) {
        char buffer[4096];
        text.assign(buffer, std::fread(buffer, 1, sizeof buffer, file));
        std::fclose(file);
    }
    return text;
}

/// Takes what stands before `separator` off the front of text, the separator too; all of it where there is none.
STRATA_OUT_OF_LINE inline std::string_view take_until(std::string_view& text, char separator) {
    const std::size_t end = text.find(separator);
    const std::string_view front = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return front;
}

/// A number above 0 at the front of text; 0 for anything else, "max" and -1 (no limit) included.
STRATA_OUT_OF_LINE inline std::uint64_t positive_number(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && number > 0 ? static_cast<std::uint64_t>(number) : 0;
}

/// Processors for `quota` microseconds of time in each `period`, rounded up; 0, no limit, unless both are given.
inline std::size_t cpus_of_quota(std::uint64_t quota, std::uint64_t period) {
    if (quota == 0 || period == 0) return 0;
    return quota / period + (quota % period != 0 ? 1u : 0u);
}

/// What the two files of version 1, or the one of version 2, in a group's folder say.
inline std::size_t cpus_of_group_v1(const std::string& folder) {
    return cpus_of_quota(positive_number(read_small_file(concat({folder, "/cpu.cfs_quota_us"}))),
                         positive_number(read_small_file(concat({folder, "/cpu.cfs_period_us"}))));
}
inline std::size_t cpus_of_group_v2(const std::string& folder) {
    const std::string text = read_small_file(concat({folder, "/cpu.max"}));
    std::string_view rest = text;
    const std::string_view quota = take_until(rest, ' ');
    return cpus_of_quota(positive_number(quota), positive_number(rest));
}

/// The smallest limit of a group and of those that it lies in; 0 where none has one. A container may see the group's
/// path from outside but the folders from inside: folders that do not exist say nothing, and the topmost is its own.
STRATA_OUT_OF_LINE inline std::size_t smallest_limit(std::string_view mount, std::string_view group,
                                                     std::size_t (*cpus_of)(const std::string& folder)) {
    std::size_t smallest = 0;
    while (true) {
        const std::size_t limit = cpus_of(concat({mount, group}));
        if (limit > 0 && (smallest == 0 || limit < smallest)) smallest = limit;
        const std::size_t parent = group.rfind('/');
        if (parent == std::string_view::npos) return smallest;
        group = group.substr(0, parent);
    }
}

/// The processors that this process' control group grants, rounded up; 0 where there is no limit, or no control group.
/// The folder `root` takes the place of / in tests. Source: Linux, admin-guide/cgroup-v2 and scheduler/sched-bwc.
inline std::size_t cpu_quota(const std::string& root = "") {
    const std::string groups = read_small_file(concat({root, "/proc/self/cgroup"}));
    const std::string mounts = concat({root, "/sys/fs/cgroup"});
    std::size_t smallest = 0;
    const auto note = [&](std::size_t limit) {
        if (limit > 0 && (smallest == 0 || limit < smallest)) smallest = limit;
    };
    for (std::string_view lines = groups; !lines.empty();) {  // number:controllers:path
        std::string_view line = take_until(lines, '\n');
        take_until(line, ':');
        std::string_view controllers = take_until(line, ':');
        const std::string_view name = controllers, path = line;
        if (name.empty()) {
            note(smallest_limit(mounts, path, cpus_of_group_v2));
            note(smallest_limit(concat({mounts, "/unified"}), path, cpus_of_group_v2));
        }
        while (!controllers.empty()) {
            if (take_until(controllers, ',') == "cpu")
                note(smallest_limit(concat({mounts, "/", name}), path, cpus_of_group_v1));
        }
    }
    return smallest;
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
