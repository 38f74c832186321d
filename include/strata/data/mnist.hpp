#pragma once

#include "strata/data/labelled_images.hpp"
#include "strata/data/mnist_files.hpp"

#include <array>
#include <filesystem>
#include <optional>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// The MNIST data set of handwritten digits (LeCun, Cortes, Burges).
namespace mnist {

/// Images (N, 28, 28, 1), bytes from 0, the background, to 255; labels (N), digits.
using split = labelled_images;

/// 60,000 images to train with, 10,000 to test with.
using data_set = image_data_set;

/// Reads the data set from `folder`, or from where mnist_folder finds it. Throws file_error.
inline data_set load(const std::optional<std::filesystem::path>& folder = std::nullopt) {
    const std::filesystem::path found = mnist_folder(folder);
    return {authoring::detail::arrays_of(read_mnist_split(found, "train")),
            authoring::detail::arrays_of(read_mnist_split(found, "t10k"))};
}

}  // namespace mnist

namespace detail {

/// Reads a data set with the names, the sizes and the classes of MNIST's files. Throws file_error.
[[nodiscard]] STRATA_OUT_OF_LINE inline image_data_set load_like_mnist(const std::filesystem::path& folder,
                                                                       std::string_view name) {
    return {arrays_of(read_idx_split(folder, mnist_files(name, "train"))),
            arrays_of(read_idx_split(folder, mnist_files(name, "t10k")))};
}

}  // namespace detail

/// Fashion-MNIST: images of clothes (Xiao, Rasul, Vollgraf, 2017), in files of MNIST's names.
namespace fashion_mnist {

/// What the labels stand for.
inline constexpr std::array<std::string_view, 10> class_names = {
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"};

/// 60,000 images (N, 28, 28, 1) to train with, 10,000 to test with, and labels (N). Throws file_error.
inline image_data_set load(const std::filesystem::path& folder) {
    return authoring::detail::load_like_mnist(folder, "fashion_mnist");
}

}  // namespace fashion_mnist

/// Kuzushiji-MNIST: cursive Japanese characters (Clanuwat et al., 2018), in files of MNIST's names.
namespace kmnist {

/// What the labels stand for.
inline constexpr std::array<std::string_view, 10> class_names = {"o",  "ki", "su", "tsu", "na",
                                                                 "ha", "ma", "ya", "re",  "wo"};

/// 60,000 images (N, 28, 28, 1) to train with, 10,000 to test with, and labels (N). Throws file_error.
inline image_data_set load(const std::filesystem::path& folder) {
    return authoring::detail::load_like_mnist(folder, "kmnist");
}

}  // namespace kmnist
}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
namespace mnist = authoring::mnist;
namespace fashion_mnist = authoring::fashion_mnist;
namespace kmnist = authoring::kmnist;
}  // namespace strata
