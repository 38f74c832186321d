#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/text.hpp"
#include "strata/data/labelled_images.hpp"
#include "strata/system/file.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// A label in front of each image of a CIFAR file.
struct cifar_label {
    std::string_view name;
    std::size_t classes;
};

/// How CIFAR's files are laid out.
struct cifar_layout {
    std::string_view data_set;
    std::string_view subfolder;           ///< where the archive unpacks to
    std::span<const cifar_label> labels;  ///< in front of each image
    std::size_t chosen;                   ///< which of them is wanted
};

/// Reads files of so many images each, one behind the other. An image is 32x32 bytes of red, then of green, then of
/// blue; what is returned has the channels last.
///
/// Throws file_error for a file that is missing or of another size, and for a label that is no class.
[[nodiscard]] STRATA_OUT_OF_LINE inline labelled_images read_cifar(const std::filesystem::path& folder,
                                                                   const cifar_layout& layout,
                                                                   std::initializer_list<const char*> files,
                                                                   std::size_t images_each) {
    constexpr std::size_t pixels = 32 * 32;
    std::error_code error;
    const bool below = std::filesystem::is_directory(folder / layout.subfolder, error);
    const std::filesystem::path found = below ? folder / layout.subfolder : folder;
    labelled_images result = labelled_images::of_size(files.size() * images_each, {32, 32, 3});
    std::vector<std::uint8_t> record(layout.labels.size() + 3 * pixels);
    std::size_t sample = 0;
    for (const char* const name : files) {
        file_source source(found / name, concat({layout.data_set, ": ", (found / name).string()}));
        const std::uint64_t expected = images_each * record.size(), size = source.most_left();
        if (size != expected) {
            raise<file_error>({source.name(), ": ", images_each, " images in ", expected,
                               " bytes expected, the file has ", size,
                               " (truncated download, or not the binary version? fetch it again)"});
        }
        for (std::size_t i = 0; i < images_each; ++i, ++sample) {
            source.read(std::as_writable_bytes(std::span(record)));
            for (std::size_t k = 0; k < layout.labels.size(); ++k) {
                const auto& [what, classes] = layout.labels[k];
                if (record[k] < classes) continue;
                raise<file_error>({source.name(), ": ", what, " from 0 to ", classes - 1, " expected, that of image ",
                                   i, " is ", record[k],
                                   " (another file under this name? delete it and fetch it again)"});
            }
            result.labels(sample) = record[layout.chosen];
            const std::uint8_t* const red = record.data() + layout.labels.size();
            std::uint8_t* const image = result.images.data() + sample * 3 * pixels;
            for (std::size_t pixel = 0; pixel < pixels; ++pixel)
                for (std::size_t channel = 0; channel < 3; ++channel)
                    image[3 * pixel + channel] = red[channel * pixels + pixel];
        }
        source.expect_end();
    }
    return result;
}

/// CIFAR-10 in files of so many images each.
[[nodiscard]] inline image_data_set load_cifar10(const std::filesystem::path& folder, std::size_t images_each) {
    static constexpr std::array<cifar_label, 1> labels{{{"labels", 10}}};
    const cifar_layout layout{"cifar10", "cifar-10-batches-bin", labels, 0};
    return {
        read_cifar(folder, layout,
                   {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"},
                   images_each),
        read_cifar(folder, layout, {"test_batch.bin"}, images_each)};
}

/// CIFAR-100 in a file of so many images to train with, and one of so many to test with.
[[nodiscard]] inline image_data_set load_cifar100(const std::filesystem::path& folder, bool fine, std::size_t train,
                                                  std::size_t test) {
    static constexpr std::array<cifar_label, 2> labels{{{"coarse labels", 20}, {"fine labels", 100}}};
    const cifar_layout layout{"cifar100", "cifar-100-binary", labels, fine ? 1U : 0U};
    return {read_cifar(folder, layout, {"train.bin"}, train), read_cifar(folder, layout, {"test.bin"}, test)};
}

}  // namespace detail

/// CIFAR-10: small photographs of ten kinds of things (Krizhevsky, 2009), its binary version.
namespace cifar10 {

/// What the labels stand for.
inline constexpr std::array<std::string_view, 10> class_names = {"airplane", "automobile", "bird",  "cat",  "deer",
                                                                 "dog",      "frog",       "horse", "ship", "truck"};

/// 50,000 images (N, 32, 32, 3) to train with, 10,000 to test with, and labels (N), from `data_batch_1.bin` to
/// `data_batch_5.bin` and `test_batch.bin` in the folder, or in `cifar-10-batches-bin` in it (Keras: load_data).
///
/// Throws file_error for a file that is missing or of another size, and for a label that is no class.
/// Source: https://www.cs.toronto.edu/~kriz/cifar.html
[[nodiscard]] inline image_data_set load(const std::filesystem::path& folder) {
    return authoring::detail::load_cifar10(folder, 10000);
}

}  // namespace cifar10

/// CIFAR-100: the same with a hundred kinds in twenty groups, its binary version.
namespace cifar100 {

/// The hundred kinds (Keras' default), or the twenty groups.
enum class Labels { fine, coarse };

// clang-format off

/// What the labels stand for: `fine_names`, `coarse_names`.
inline constexpr std::array<std::string_view, 100> fine_names = {
    "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle",
    "bowl", "boy", "bridge", "bus", "butterfly", "camel", "can", "castle", "caterpillar", "cattle",
    "chair", "chimpanzee", "clock", "cloud", "cockroach", "couch", "crab", "crocodile", "cup", "dinosaur",
    "dolphin", "elephant", "flatfish", "forest", "fox", "girl", "hamster", "house", "kangaroo", "keyboard",
    "lamp", "lawn_mower", "leopard", "lion", "lizard", "lobster", "man", "maple_tree", "motorcycle", "mountain",
    "mouse", "mushroom", "oak_tree", "orange", "orchid", "otter", "palm_tree", "pear", "pickup_truck", "pine_tree",
    "plain", "plate", "poppy", "porcupine", "possum", "rabbit", "raccoon", "ray", "road", "rocket",
    "rose", "sea", "seal", "shark", "shrew", "skunk", "skyscraper", "snail", "snake", "spider",
    "squirrel", "streetcar", "sunflower", "sweet_pepper", "table", "tank", "telephone", "television", "tiger", "tractor",
    "train", "trout", "tulip", "turtle", "wardrobe", "whale", "willow_tree", "wolf", "woman", "worm"};
inline constexpr std::array<std::string_view, 20> coarse_names = {
    "aquatic_mammals", "fish", "flowers", "food_containers", "fruit_and_vegetables", "household_electrical_devices",
    "household_furniture", "insects", "large_carnivores", "large_man-made_outdoor_things",
    "large_natural_outdoor_scenes", "large_omnivores_and_herbivores", "medium_mammals", "non-insect_invertebrates",
    "people", "reptiles", "small_mammals", "trees", "vehicles_1", "vehicles_2"};

// clang-format on

/// 50,000 images (N, 32, 32, 3) to train with, 10,000 to test with, and labels (N), from `train.bin` and `test.bin` in
/// the folder, or in `cifar-100-binary` in it. Throws as cifar10::load does.
[[nodiscard]] inline image_data_set load(const std::filesystem::path& folder, Labels labels = Labels::fine) {
    return authoring::detail::load_cifar100(folder, labels == Labels::fine, 50000, 10000);
}

}  // namespace cifar100
}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
namespace cifar10 = authoring::cifar10;
namespace cifar100 = authoring::cifar100;
}  // namespace strata
