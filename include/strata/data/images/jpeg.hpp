#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/printable.hpp"
#include "strata/data/images/decoded_image.hpp"

#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <span>
#include <string>

// STRATA_NO_JPEG: for programs that are not linked with libjpeg, though its header is there.
#if __has_include(<jpeglib.h>) && __has_include(<jconfig.h>) && !defined(STRATA_NO_JPEG)
#define STRATA_HAS_JPEG 1
#include <jpeglib.h>
// Behind jpeglib.h, which it needs.
#include <jerror.h>
#endif

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

[[nodiscard]] inline bool is_jpeg(std::span<const std::byte> bytes) {
    return bytes.size() >= 3 && std::memcmp(bytes.data(), "\xff\xd8\xff", 3) == 0;
}

#ifdef STRATA_HAS_JPEG

/// Decodes a JPEG file with libjpeg, to gray or to red, green and blue.
///
/// libjpeg's functions are left by longjmp where a file is damaged. What lies between it and setjmp has nothing that a
/// destructor would have to clean up.
class jpeg_decoder {
public:
    jpeg_decoder(std::span<const std::byte> bytes, const std::string& file) : file_(file), bytes_(bytes) {
        info_.err = ::jpeg_std_error(&errors_);
        info_.client_data = this;
        errors_.error_exit = on_error;
        errors_.emit_message = on_message;
        progress_.progress_monitor = on_progress;
    }
    ~jpeg_decoder() { ::jpeg_destroy_decompress(&info_); }
    jpeg_decoder(const jpeg_decoder&) = delete;
    jpeg_decoder& operator=(const jpeg_decoder&) = delete;

    [[nodiscard]] decoded_image decode(bool gray, std::uint64_t max_pixels) {
        if (!read_header()) refuse();
        if (info_.jpeg_color_space == JCS_CMYK || info_.jpeg_color_space == JCS_YCCK)
            raise<file_error>(
                {file_, ": a JPEG image in printers' colours (CMYK), which is not supported (convert it)"});
        decoded_image image;
        image.allocate(info_.image_height, info_.image_width, gray ? 1 : 3, max_pixels, file_);
        info_.out_color_space = gray ? JCS_GRAYSCALE : JCS_RGB;
        if (!read_rows(image.pixels.data(), image.width * image.channels)) refuse();
        return image;
    }

private:
    STRATA_OUT_OF_LINE bool read_header() {
        if (setjmp(jump_) != 0) return false;
        jpeg_create_decompress(&info_);
        info_.progress = &progress_;
        ::jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(bytes_.data()), bytes_.size());
        ::jpeg_read_header(&info_, TRUE);
        return true;
    }

    STRATA_OUT_OF_LINE bool read_rows(std::uint8_t* pixels, std::size_t row_size) {
        if (setjmp(jump_) != 0) return false;
        ::jpeg_start_decompress(&info_);
        while (info_.output_scanline < info_.output_height) {
            JSAMPROW row = pixels + info_.output_scanline * row_size;
            ::jpeg_read_scanlines(&info_, &row, 1);
        }
        ::jpeg_finish_decompress(&info_);
        return true;
    }

    [[noreturn]] static void on_error(j_common_ptr info) {
        auto& self = *static_cast<jpeg_decoder*>(info->client_data);
        info->err->format_message(info, self.message_.data());
        std::longjmp(self.jump_, 1);
    }

    /// libjpeg warns where it makes up pixels that a damaged file lacks. Its other warnings are about what many cameras
    /// write.
    static void on_message(j_common_ptr info, int level) {
        if (level >= 0) return;
        switch (info->err->msg_code) {
            case JWRN_JPEG_EOF:
            case JWRN_HIT_MARKER:
            case JWRN_HUFF_BAD_CODE:
            case JWRN_ARITH_BAD_CODE:
            case JWRN_MUST_RESYNC:
                on_error(info);
            default:
                return;
        }
    }

    /// A small file may have so many scans over the whole image that decoding would take minutes.
    static void on_progress(j_common_ptr info) {
        if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number <= 200) return;
        auto& self = *static_cast<jpeg_decoder*>(info->client_data);
        std::strcpy(self.message_.data(), "more than 200 scans");
        std::longjmp(self.jump_, 1);
    }

    [[noreturn]] void refuse() const {
        raise<file_error>({file_, ": a damaged JPEG image: ", in_quotes(message_.data()),
                           " (delete it and fetch it again, or leave it out)"});
    }

    const std::string& file_;
    std::span<const std::byte> bytes_;
    jpeg_decompress_struct info_{};
    jpeg_error_mgr errors_{};
    jpeg_progress_mgr progress_{};
    std::jmp_buf jump_;
    std::array<char, JMSG_LENGTH_MAX> message_{};
};

/// Decodes a JPEG image of at most so many pixels, baseline or progressive, as gray or as colours. Where cameras note
/// how they were held (EXIF), that is left out of account, as Keras does. Throws file_error.
[[nodiscard]] STRATA_OUT_OF_LINE inline decoded_image decode_jpeg(std::span<const std::byte> bytes, bool gray,
                                                                  std::uint64_t max_pixels, const std::string& file) {
    return jpeg_decoder(bytes, file).decode(gray, max_pixels);
}

#else

/// Stands in where libjpeg was not there at compile time.
[[nodiscard]] STRATA_OUT_OF_LINE inline decoded_image decode_jpeg(std::span<const std::byte>, bool, std::uint64_t,
                                                                  const std::string& file) {
    raise<file_error>({file,
                       ": a JPEG image, and this program was built without libjpeg (install its development "
                       "package and build again)"});
}

#endif

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
