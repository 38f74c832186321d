#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/text.hpp"
#include "strata/data/idx.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// One half of MNIST as bytes: `images` is (count, 28, 28), row after row, `labels` is (count) with digits 0 to 9.
struct mnist_split {
    std::vector<std::uint8_t> images;
    std::vector<std::uint8_t> labels;
    std::size_t count = 0;
};

namespace detail {

/// The file of `folder` with this stem under one of the names it is distributed with, or nothing.
[[nodiscard]] STRATA_OUT_OF_LINE inline std::optional<std::filesystem::path> find_mnist_file(
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
[[nodiscard]] STRATA_OUT_OF_LINE inline std::filesystem::path mnist_file(const std::filesystem::path& folder,
                                                                         std::string_view stem, std::string_view kind) {
    if (auto path = find_mnist_file(folder, stem, kind)) return *std::move(path);
    raise<file_error>({"mnist: ", (folder / concat({stem, "-", kind, "-ubyte"})).string(),
                       ": no such file, neither plain nor .gz (give the folder that holds the four MNIST files)"});
}

/// Whether a folder has the files to train with.
[[nodiscard]] STRATA_OUT_OF_LINE inline bool holds_mnist(const std::filesystem::path& folder) {
    return find_mnist_file(folder, "train-labels", "idx1") && find_mnist_file(folder, "train-images", "idx3");
}

/// The folder, if it has those files; throws file_error with the folder and `complaint` otherwise.
[[nodiscard]] STRATA_OUT_OF_LINE inline std::filesystem::path require_mnist(std::filesystem::path folder,
                                                                            std::string_view complaint) {
    if (!holds_mnist(folder)) raise<file_error>({"mnist: ", folder.string(), complaint});
    return folder;
}

}  // namespace detail

/// Reads the "train" or the "t10k" half from a folder that holds the idx files, plain or .gz, `train-images-idx3-ubyte`
/// or `train-images.idx3-ubyte`.
///
/// Throws file_error if a file is missing or damaged, if images are not 28x28 or not as many as labels, or if a label
/// is above 9.
[[nodiscard]] inline mnist_split read_mnist_split(const std::filesystem::path& folder, const std::string& half) {
    constexpr std::size_t any = idx_expectation::any;
    const auto labels_path = detail::mnist_file(folder, concat({half, "-labels"}), "idx1");
    const auto images_path = detail::mnist_file(folder, concat({half, "-images"}), "idx3");
    idx_array labels = read_idx(labels_path, {.extents = {any}, .items = "labels", .data_set = "mnist"});
    for (std::size_t i = 0; i < labels.values.size(); ++i) {
        if (labels.values[i] > 9) {
            raise<file_error>({"mnist: ", labels_path.string(), ": labels from 0 to 9 expected, label ", i, " is ",
                               labels.values[i], detail::other_data});
        }
    }
    idx_array images = read_idx(images_path, {.extents = {any, 28, 28}, .items = "images", .data_set = "mnist"});
    if (images.extents[0] != labels.extents[0]) {
        raise<file_error>({"mnist: ", images_path.string(), ": ", labels.extents[0], " images expected, as many as ",
                           labels_path.filename().string(), " has labels, ", images.extents[0],
                           " found (give both files of one data set)"});
    }
    return {std::move(images.values), std::move(labels.values), labels.extents[0]};
}

/// The folder with MNIST's files: `explicit_folder` if given, else the environment variable STRATA_MNIST_DIR, else
/// `data/mnist` in the working folder or one above it, else the STRATA_MNIST_DIR that the program was compiled with.
///
/// The first two are taken at their word: the folder is not replaced by another one when files are missing in it.
/// Throws file_error that says where it looked and what to do.
[[nodiscard]] inline std::filesystem::path mnist_folder(
    const std::optional<std::filesystem::path>& explicit_folder = std::nullopt) {
    if (explicit_folder) {
        return detail::require_mnist(*explicit_folder,
                                     ": the files train-images-idx3-ubyte and train-labels-idx1-ubyte (plain or .gz) "
                                     "are not in this folder (give the folder that holds the four MNIST files)");
    }
    if (const char* variable = std::getenv("STRATA_MNIST_DIR"); variable != nullptr && *variable != '\0') {
        return detail::require_mnist(variable,
                                     ": MNIST's files are not in this folder, which the environment variable "
                                     "STRATA_MNIST_DIR names (correct the variable or unset it)");
    }
    std::error_code error;
    const auto start = std::filesystem::current_path(error);
    for (auto folder = start; !folder.empty(); folder = folder.parent_path()) {
        if (auto data = folder / "data/mnist"; detail::holds_mnist(data)) return data;
        if (folder == folder.root_path()) break;
    }
    std::string places = concat({(start / "data/mnist").string(), " and the same above it"});
#ifdef STRATA_MNIST_DIR
    if (detail::holds_mnist(STRATA_MNIST_DIR)) return STRATA_MNIST_DIR;
    append_text(places, ", " STRATA_MNIST_DIR);
#endif
    raise<file_error>({"mnist: MNIST's four files were not found; looked in ", places,
                       " (give their folder, or set the environment variable STRATA_MNIST_DIR to it)"});
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
