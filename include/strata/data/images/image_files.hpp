#pragma once

#include "strata/core/checked.hpp"
#include "strata/core/errors.hpp"
#include "strata/core/printable.hpp"
#include "strata/core/tensor.hpp"
#include "strata/data/images/jpeg.hpp"
#include "strata/data/images/png.hpp"
#include "strata/data/images/resize.hpp"
#include "strata/system/file.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// How images of a folder are read. The defaults are those of keras.utils.image_dataset_from_directory.
struct image_options {
    std::size_t height = 256;
    std::size_t width = 256;
    std::size_t channels = 3;                ///< 1 (gray), 3 (colours) or 4 (and opacity)
    std::uint64_t max_pixels = 1ULL << 26U;  ///< of one image in its file; larger ones are refused before decoding
    bool follow_links = false;               ///< symbolic links may lead out of the folder
};

/// The images below a folder of one subfolder for each class, read one by one: `cats/1.jpg`, `dogs/a/2.png`.
///
/// Only the names are read at first. Classes are the subfolders, images the files that end in .png, .jpg or .jpeg, both
/// in the order of their names; what begins with a dot is left out.
class image_files {
public:
    /// Throws value_error for options that make no sense, file_error for a folder without subfolders or without images
    /// and for a symbolic link that leads out of it.
    STRATA_OUT_OF_LINE explicit image_files(const std::filesystem::path& folder, const image_options& options = {})
        : options_(options) {
        const auto [height, width, channels] = std::array{options.height, options.width, options.channels};
        constexpr std::size_t most = 65536;
        if (height == 0 || width == 0 || height > most || width > most ||
            (channels != 1 && channels != 3 && channels != 4)) {
            raise<value_error>({"image_files: a size of 1 to 65536 and 1, 3 or 4 channels expected, ", height, "x",
                                width, "x", channels, " found"});
        }
        std::error_code error;
        root_ = std::filesystem::canonical(folder, error);
        if (error || !std::filesystem::is_directory(root_)) {
            raise<file_error>(
                {folder.string(), ": a folder expected, with a subfolder for each class ", "(check the path)"});
        }
        for (std::filesystem::directory_iterator entry(root_, error), end; is_listed(root_, error) && entry != end;
             entry.increment(error)) {
            std::error_code unknown;  // as of a link to itself, which is no folder
            if (!is_hidden(entry->path()) && entry->is_directory(unknown))
                names_.push_back(entry->path().filename().string());
        }
        std::sort(names_.begin(), names_.end());
        for (std::size_t label = 0; label < names_.size(); ++label) add_class(root_ / names_[label], label);
        if (paths_.empty()) {
            raise<file_error>({folder.string(),
                               names_.empty() ? ": no subfolders, one for each class"
                                              : ": no .png, .jpg or .jpeg files in its subfolders",
                               " (give the folder above those of the classes)"});
        }
    }

    /// The number of images.
    std::size_t samples() const { return paths_.size(); }

    /// The subfolders' names, by label.
    const std::vector<std::string>& class_names() const { return names_; }

    const std::filesystem::path& path(std::size_t sample) const { return paths_[sample]; }
    std::int32_t label(std::size_t sample) const { return labels_[sample]; }

    /// Decodes one image into height x width x channels bytes. May be called by several threads at once.
    ///
    /// Throws file_error for a file that is missing, neither PNG nor JPEG, damaged or too large, value_error where
    /// `pixels` has another size.
    STRATA_OUT_OF_LINE void read(std::size_t sample, std::span<std::uint8_t> pixels) const {
        if (sample >= samples() || pixels.size() != options_.height * options_.width * options_.channels)
            raise<value_error>({"image_files: image ", sample, " of ", samples(), ", in ", pixels.size(), " bytes"});
        detail::file_source source(paths_[sample]);
        // No image takes more: 8 bytes for a pixel of 16 bits, as much for what describes it, and a thumbnail.
        if (const std::uint64_t most = (1U << 20U) + 16 * options_.max_pixels; source.most_left() > most) {
            raise<file_error>({source.name(), ": ", source.most_left(), " bytes, an image of at most ",
                               options_.max_pixels, " pixels has at most ", most, " (raise max_pixels)"});
        }
        std::vector<std::byte> bytes(source.most_left());
        source.read(bytes);
        source.expect_end();
        detail::decoded_image image;
        if (detail::is_png(bytes)) {
            image = detail::decode_png(bytes, options_.max_pixels, source.name());
        } else if (detail::is_jpeg(bytes)) {
            image = detail::decode_jpeg(bytes, options_.channels == 1, options_.max_pixels, source.name());
        } else {
            raise<file_error>({source.name(), ": a PNG or JPEG image expected, ", bytes.size(), " bytes of something ",
                               "else found (convert it, or leave it out)"});
        }
        detail::set_channels(image, options_.channels);
        detail::resize_bilinear(image, options_.height, options_.width, pixels);
    }

    /// The same, and the label.
    void read(std::size_t sample, std::span<std::uint8_t> pixels, std::span<std::int32_t> label) const {
        read(sample, pixels);
        label.front() = labels_[sample];
    }

private:
    static bool is_hidden(const std::filesystem::path& path) { return path.filename().string().starts_with('.'); }

    /// Throws file_error where listing a folder has failed.
    static bool is_listed(const std::filesystem::path& folder, const std::error_code& error) {
        if (error)
            raise<file_error>({folder.string(), ": cannot be listed: ", error.message(), " (check the permissions)"});
        return true;
    }

    static bool is_image(const std::filesystem::path& path) {
        std::string ending = path.extension().string();
        for (char& character : ending)
            if (character >= 'A' && character <= 'Z') character = static_cast<char>(character - 'A' + 'a');
        return ending == ".png" || ending == ".jpg" || ending == ".jpeg";
    }

    /// Throws where a symbolic link leads out of the folder.
    void check_link(const std::filesystem::path& path) const {
        std::error_code error;
        if (options_.follow_links || !std::filesystem::is_symlink(path, error)) return;
        const auto target = std::filesystem::canonical(path, error);
        const auto parts = std::mismatch(root_.begin(), root_.end(), target.begin(), target.end());
        if (!error && parts.first == root_.end()) return;
        raise<file_error>({path.string(), ": a symbolic link that leads out of the folder (copy what it names, or set ",
                           "follow_links)"});
    }

    void add_class(const std::filesystem::path& folder, std::size_t label) {
        check_link(folder);
        std::vector<std::pair<std::string, std::string>> found;  // folder and name: the order of Keras
        std::error_code error;
        for (std::filesystem::recursive_directory_iterator entry(folder, error), end;
             is_listed(folder, error) && entry != end; entry.increment(error)) {
            const std::filesystem::path& path = entry->path();
            std::error_code unknown;
            const bool is_folder = entry->is_directory(unknown);
            if (is_hidden(path)) {
                if (is_folder) entry.disable_recursion_pending();
            } else if (is_image(path) && !is_folder) {
                check_link(path);
                found.emplace_back(path.parent_path().string(), path.filename().string());
            }
        }
        std::sort(found.begin(), found.end());
        for (const auto& [parent, name] : found) {
            paths_.push_back(std::filesystem::path(parent) / name);
            labels_.push_back(static_cast<std::int32_t>(label));
        }
    }

    image_options options_;
    std::filesystem::path root_;
    std::vector<std::string> names_;
    std::vector<std::filesystem::path> paths_;
    std::vector<std::int32_t> labels_;
};

/// Images (N, height, width, channels), bytes from 0 to 255; labels (N), class numbers; the names of the classes.
struct image_folder_data {
    tensor<std::uint8_t, 4> images;
    tensor<std::int32_t, 1> labels;
    std::vector<std::string> class_names;
};

/// Reads all images below a folder of one subfolder for each class (Keras: image_dataset_from_directory), in the order
/// of their names: `const auto [images, labels, names] = image_folder("flowers", {.height = 64, .width = 64})`.
///
/// Throws as image_files does.
[[nodiscard]] STRATA_OUT_OF_LINE inline image_folder_data image_folder(const std::filesystem::path& folder,
                                                                       const image_options& options = {}) {
    const image_files files(folder, options);
    const std::size_t size = options.height * options.width * options.channels;
    if (!detail::checked_product(files.samples(), size))
        raise<value_error>({folder.string(), ": more bytes than a program can address (ask for a smaller size)"});
    image_folder_data data{tensor<std::uint8_t, 4>(std::array<std::size_t, 4>{files.samples(), options.height,
                                                                              options.width, options.channels}),
                           tensor<std::int32_t, 1>(std::array<std::size_t, 1>{files.samples()}), files.class_names()};
    for (std::size_t i = 0; i < files.samples(); ++i)
        files.read(i, {data.images.data() + i * size, size}, {data.labels.data() + i, 1});
    return data;
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::image_files;
using authoring::image_folder;
using authoring::image_folder_data;
using authoring::image_options;
}  // namespace strata
