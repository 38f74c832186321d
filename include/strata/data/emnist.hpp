#pragma once

#include "strata/data/idx_split.hpp"
#include "strata/data/labelled_images.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// EMNIST: handwritten letters and digits (Cohen, Afshar, Tapson, van Schaik, 2017), in files such as
/// `emnist-balanced-train-images-idx3-ubyte.gz`.
namespace emnist {

/// Its six parts. In `bymerge` and `balanced` 15 lower-case letters are counted with their capitals, which they look
/// like; in `letters` all of them.
enum class Split { byclass, bymerge, balanced, letters, digits, mnist };

namespace detail {

inline std::string_view name_of(Split split) {
    switch (split) {
        case Split::byclass:
            return "byclass";
        case Split::bymerge:
            return "bymerge";
        case Split::balanced:
            return "balanced";
        case Split::letters:
            return "letters";
        case Split::digits:
            return "digits";
        default:
            return "mnist";
    }
}

}  // namespace detail

/// What the labels of a part stand for: `class_names(Split::letters)[0]` is "A".
[[nodiscard]] STRATA_OUT_OF_LINE inline std::vector<std::string> class_names(Split split) {
    std::string_view characters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    if (split == Split::bymerge || split == Split::balanced)
        characters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt";
    if (split == Split::letters) characters = characters.substr(10, 26);
    if (split == Split::digits || split == Split::mnist) characters = characters.substr(0, 10);
    std::vector<std::string> names;
    for (const char character : characters) names.emplace_back(1, character);
    return names;
}

/// Images (N, 28, 28, 1) to train with and to test with, upright as MNIST's are: the files hold them transposed. Labels
/// (N) from 0 on, also those of `letters`, which are 1 to 26 in the files. Throws file_error.
[[nodiscard]] STRATA_OUT_OF_LINE inline image_data_set load(const std::filesystem::path& folder, Split split) {
    const auto half = [&](std::string_view name) {
        const std::string stem = concat({"emnist-", detail::name_of(split), "-", name, "-"});
        idx_split bytes = authoring::detail::read_idx_split(folder, {.data_set = "emnist",
                                                                     .images = stem + "images",
                                                                     .labels = stem + "labels",
                                                                     .first_class = split == Split::letters ? 1U : 0U,
                                                                     .classes = class_names(split).size()});
        for (std::size_t image = 0; image < bytes.count; ++image) {
            std::uint8_t* const pixels = bytes.images.data() + image * 28 * 28;
            for (std::size_t row = 0; row < 28; ++row)
                for (std::size_t column = 0; column < row; ++column)
                    std::swap(pixels[row * 28 + column], pixels[column * 28 + row]);
        }
        return authoring::detail::arrays_of(bytes);
    };
    return {half("train"), half("test")};
}

}  // namespace emnist
}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
namespace emnist = authoring::emnist;
}  // namespace strata
