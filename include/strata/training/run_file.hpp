#pragma once

#include "strata/core/foreign_macros.hpp"

#include "strata/io/safetensors.hpp"
#include "strata/training/run_archive.hpp"

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

/// Runs of training as safetensors files: included for `fit(x, y, {.resume = "run.safetensors"})`.
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// The version of the arrays' names and meaning. Files of older versions are read for ever.
inline constexpr int run_file_version = 1;

STRATA_OUT_OF_LINE inline void write_run(const std::string& path, const run_archive& run) {
    std::vector<tensor_view> tensors;
    for (const run_archive::entry& one : run.entries())
        tensors.push_back({one.name, one.type, one.extents, std::span<const std::byte>(one.bytes)});
    write_safetensors(
        path, tensors,
        {{"strata_run", std::to_string(run_file_version)}, {"strata", STRATA_VERSION}, {"network", run.network()}});
}

STRATA_OUT_OF_LINE inline run_archive read_run(const std::string& path) {
    const safetensors_file file = safetensors_file::read(path);
    const auto version = file.metadata().find("strata_run");
    if (version == file.metadata().end()) {
        raise<file_error>({path,
                           ": not a run of training, but another safetensors file (choose another name: a run "
                           "would replace it)"});
    }
    if (version->second != std::to_string(run_file_version)) {
        raise<file_error>({path, ": a run of the format ", version->second, ", this version of strata reads ",
                           std::to_string(run_file_version), " (use the version that wrote it, or a newer one)"});
    }
    std::vector<run_archive::entry> entries;
    for (const std::string& name : file.names()) {
        const tensor_view tensor = file.at(name);
        entries.push_back({name, tensor.type, tensor.extents, {tensor.bytes.begin(), tensor.bytes.end()}});
    }
    return {std::move(entries), path};
}

STRATA_OUT_OF_LINE inline bool run_exists(const std::string& path) { return std::filesystem::exists(path); }

inline const bool runs_have_files = [] {
    files_of_runs() = {&write_run, &run_exists, &read_run};
    return true;
}();

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring

#include "strata/core/foreign_macros.hpp"
