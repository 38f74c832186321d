#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/printable.hpp"
#include "strata/data/images/decoded_image.hpp"

// STRATA_NO_PNG: for programs that are not linked with libpng, though its header is there.
#if __has_include(<png.h>) && !defined(STRATA_NO_PNG)
#define STRATA_HAS_PNG 1
#include <png.h>
#endif

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

[[nodiscard]] inline bool is_png(std::span<const std::byte> bytes) {
    return bytes.size() >= 8 && std::memcmp(bytes.data(), "\x89PNG\r\n\x1a\n", 8) == 0;
}

#ifdef STRATA_HAS_PNG

/// Decodes a PNG file with libpng, to red, green, blue and opacity of 8 bits each.
///
/// libpng leaves its functions by longjmp where a file is damaged. What lies between it and setjmp has nothing that a
/// destructor would have to clean up.
class png_decoder {
public:
    png_decoder(std::span<const std::byte> bytes, const std::string& file) : file_(file), left_(bytes) {
        png_ = ::png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, on_warning);
        if (png_ != nullptr) info_ = ::png_create_info_struct(png_);
        if (info_ == nullptr) {
            ::png_destroy_read_struct(&png_, nullptr, nullptr);
            raise<file_error>({file_, ": libpng cannot start (out of memory, or another version than its header?)"});
        }
    }
    ~png_decoder() { ::png_destroy_read_struct(&png_, &info_, nullptr); }
    png_decoder(const png_decoder&) = delete;
    png_decoder& operator=(const png_decoder&) = delete;

    [[nodiscard]] decoded_image decode(std::uint64_t max_pixels) {
        if (!read_header()) refuse();
        decoded_image image;
        image.allocate(::png_get_image_height(png_, info_), ::png_get_image_width(png_, info_), 4, max_pixels, file_);
        if (!read_rows(image.pixels.data(), image.height, 4 * image.width)) refuse();
        return image;
    }

private:
    STRATA_OUT_OF_LINE bool read_header() {
        if (setjmp(png_jmpbuf(png_)) != 0) return false;
        ::png_set_read_fn(png_, this, on_read);
        ::png_read_info(png_, info_);
        ::png_set_expand(png_);    // palettes, fewer than 8 bits, a transparent colour
        ::png_set_strip_16(png_);  // the upper of two bytes
        ::png_set_gray_to_rgb(png_);
        ::png_set_add_alpha(png_, 0xff, PNG_FILLER_AFTER);
        return true;
    }

    STRATA_OUT_OF_LINE bool read_rows(std::uint8_t* pixels, std::size_t rows, std::size_t row_size) {
        if (setjmp(png_jmpbuf(png_)) != 0) return false;
        const int passes = ::png_set_interlace_handling(png_);
        ::png_read_update_info(png_, info_);
        if (::png_get_rowbytes(png_, info_) != row_size) ::png_error(png_, "rows of an unexpected size");
        for (int pass = 0; pass < passes; ++pass)
            for (std::size_t row = 0; row < rows; ++row) ::png_read_row(png_, pixels + row * row_size, nullptr);
        ::png_read_end(png_, nullptr);
        return true;
    }

    static void on_read(png_structp png, png_bytep into, std::size_t count) {
        auto& self = *static_cast<png_decoder*>(::png_get_io_ptr(png));
        if (count > self.left_.size()) ::png_error(png, "the file ends early");
        if (count > 0) std::memcpy(into, self.left_.data(), count);
        self.left_ = self.left_.subspan(count);
    }

    [[noreturn]] static void on_error(png_structp png, png_const_charp message) {
        auto& text = static_cast<png_decoder*>(::png_get_error_ptr(png))->message_;
        std::strncpy(text.data(), message, text.size() - 1);
        ::png_longjmp(png, 1);
    }

    static void on_warning(png_structp, png_const_charp) {}

    [[noreturn]] void refuse() const {
        raise<file_error>({file_, ": a damaged PNG image: ", in_quotes(message_.data()),
                           " (delete it and fetch it again, or leave it out)"});
    }

    const std::string& file_;
    std::span<const std::byte> left_;
    png_structp png_ = nullptr;
    png_infop info_ = nullptr;
    std::array<char, 128> message_{};
};

/// Decodes a PNG image of at most so many pixels: 8 or 16 bits, gray, colours or a palette, interlaced or not. Colours
/// are taken as they stand in the file, as TensorFlow and Pillow do. Throws file_error.
[[nodiscard]] STRATA_OUT_OF_LINE inline decoded_image decode_png(std::span<const std::byte> bytes,
                                                                 std::uint64_t max_pixels, const std::string& file) {
    return png_decoder(bytes, file).decode(max_pixels);
}

#else

/// Stands in where libpng was not there at compile time.
[[nodiscard]] STRATA_OUT_OF_LINE inline decoded_image decode_png(std::span<const std::byte>, std::uint64_t,
                                                                 const std::string& file) {
    raise<file_error>({file,
                       ": a PNG image, and this program was built without libpng (install its development "
                       "package and build again)"});
}

#endif

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
