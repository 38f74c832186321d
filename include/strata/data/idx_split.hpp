#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/text.hpp"
#include "strata/data/idx.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// One half of a data set like MNIST as bytes: `images` is (count, 28, 28), row after row, `labels` is (count) with
/// class numbers.
struct idx_split {
    std::vector<std::uint8_t> images;
    std::vector<std::uint8_t> labels;
    std::size_t count = 0;
};

namespace detail {

/// The two files of an idx_split, and what they hold.
struct idx_split_files {
    std::string_view data_set;  ///< what messages begin with
    std::string images;         ///< the names of the files, without "-idx3-ubyte"
    std::string labels;
    std::size_t first_class = 0;  ///< the labels are the numbers from this one on
    std::size_t classes = 10;
};

/// The file of `folder` with this stem under one of the names it is distributed with, or nothing.
[[nodiscard]] STRATA_OUT_OF_LINE inline std::optional<std::filesystem::path> find_idx_file(
    const std::filesystem::path& folder, std::string_view stem, std::string_view kind) {
    for (const char* joint : {"-", "."}) {
        for (const char* ending : {"", ".gz"}) {
            std::filesystem::path path = folder / concat({stem, joint, kind, "-ubyte", ending});
            std::error_code error;
            if (std::filesystem::exists(path, error)) return path;
        }
    }
    return std::nullopt;
}

/// The same, for a file that has to be there: throws file_error.
[[nodiscard]] STRATA_OUT_OF_LINE inline std::filesystem::path idx_file(const std::filesystem::path& folder,
                                                                       std::string_view data_set, std::string_view stem,
                                                                       std::string_view kind) {
    if (auto path = find_idx_file(folder, stem, kind)) return *std::move(path);
    raise<file_error>({data_set, ": ", (folder / concat({stem, "-", kind, "-ubyte"})).string(),
                       ": no such file, neither plain nor .gz (give the folder that holds the data set's files)"});
}

/// Reads labels and images, and compares them with each other. The labels begin at 0 in what it returns.
///
/// Throws file_error if a file is missing or damaged, if images are not 28x28 or not as many as labels, or if a label
/// is none of the classes.
[[nodiscard]] STRATA_OUT_OF_LINE inline idx_split read_idx_split(const std::filesystem::path& folder,
                                                                 const idx_split_files& files) {
    constexpr std::size_t any = idx_expectation::any;
    const auto labels_path = idx_file(folder, files.data_set, files.labels, "idx1");
    const auto images_path = idx_file(folder, files.data_set, files.images, "idx3");
    idx_array labels = read_idx(labels_path, {.extents = {any}, .items = "labels", .data_set = files.data_set});
    for (std::size_t i = 0; i < labels.values.size(); ++i) {
        const std::size_t label = labels.values[i];
        if (label < files.first_class || label - files.first_class >= files.classes) {
            raise<file_error>({files.data_set, ": ", labels_path.string(), ": labels from ", files.first_class, " to ",
                               files.first_class + files.classes - 1, " expected, label ", i, " is ", label,
                               other_data});
        }
        labels.values[i] = static_cast<std::uint8_t>(label - files.first_class);
    }
    idx_array images = read_idx(images_path, {.extents = {any, 28, 28}, .items = "images", .data_set = files.data_set});
    if (images.extents[0] != labels.extents[0]) {
        raise<file_error>({files.data_set, ": ", images_path.string(), ": ", labels.extents[0],
                           " images expected, as many as ", labels_path.filename().string(), " has labels, ",
                           images.extents[0], " found (give both files of one data set)"});
    }
    return {std::move(images.values), std::move(labels.values), labels.extents[0]};
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
