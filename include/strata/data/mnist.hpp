#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/tensor.hpp"
#include "strata/data/mnist_files.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

/// The MNIST data set of handwritten digits (LeCun, Cortes, Burges).
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace mnist {

/// Images (N, 28, 28, 1), bytes from 0, the background, to 255; labels (N), digits.
struct split {
    tensor<std::uint8_t, 4> images;
    tensor<std::uint8_t, 1> labels;

    /// A copy of the samples first, ..., last - 1. Throws value_error where there are not as many.
    split rows(std::size_t first, std::size_t last) const {
        if (first > last || last > labels.size()) {
            raise<value_error>({"mnist: samples ", first, " to ", last, " were asked for, there are ", labels.size()});
        }
        const std::size_t count = last - first;
        split part{tensor<std::uint8_t, 4>(std::array<std::size_t, 4>{count, 28, 28, 1}),
                   tensor<std::uint8_t, 1>(std::array<std::size_t, 1>{count})};
        std::copy_n(images.data() + first * 28 * 28, count * 28 * 28, part.images.data());
        std::copy_n(labels.data() + first, count, part.labels.data());
        return part;
    }
};

/// 60,000 images to train with, 10,000 to test with.
struct data_set {
    split train;
    split test;
};

namespace detail {

/// Reads the "train" or the "t10k" half of the data set into arrays. Throws file_error.
STRATA_OUT_OF_LINE inline split load_split(const std::filesystem::path& folder, const std::string& half) {
    const mnist_split bytes = read_mnist_split(folder, half);
    split result{tensor<std::uint8_t, 4>(std::array<std::size_t, 4>{bytes.count, 28, 28, 1}),
                 tensor<std::uint8_t, 1>(std::array<std::size_t, 1>{bytes.count})};
    std::copy(bytes.images.begin(), bytes.images.end(), result.images.data());
    std::copy(bytes.labels.begin(), bytes.labels.end(), result.labels.data());
    return result;
}

}  // namespace detail

/// Reads the data set from `folder`, or from where mnist_folder finds it. Throws file_error.
inline data_set load(const std::optional<std::filesystem::path>& folder = std::nullopt) {
    const std::filesystem::path found = mnist_folder(folder);
    return {detail::load_split(found, "train"), detail::load_split(found, "t10k")};
}

}  // namespace mnist
}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
namespace mnist = authoring::mnist;
}  // namespace strata
