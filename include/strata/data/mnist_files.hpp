#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/text.hpp"
#include "strata/data/idx_split.hpp"

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

/// The two files of a half of MNIST, "train" or "t10k", and of data sets that take its names.
[[nodiscard]] STRATA_OUT_OF_LINE inline idx_split_files mnist_files(std::string_view data_set, std::string_view half) {
    return {.data_set = data_set, .images = concat({half, "-images"}), .labels = concat({half, "-labels"})};
}

/// Whether a folder has the files to train with.
[[nodiscard]] STRATA_OUT_OF_LINE inline bool holds_mnist(const std::filesystem::path& folder) {
    return find_idx_file(folder, "train-labels", "idx1") && find_idx_file(folder, "train-images", "idx3");
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
[[nodiscard]] inline idx_split read_mnist_split(const std::filesystem::path& folder, const std::string& half) {
    return detail::read_idx_split(folder, detail::mnist_files("mnist", half));
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
