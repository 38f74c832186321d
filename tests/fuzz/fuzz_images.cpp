// Any bytes through the decoders of PNG and JPEG: an image of the size that it says, or a file_error.
#include "strata/data/images/jpeg.hpp"
#include "strata/data/images/png.hpp"
#include "strata/data/images/resize.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

namespace {

using strata::authoring::detail::decoded_image;

template <class Decode> void check(Decode decode) {
    try {
        decoded_image image = decode();
        if (image.pixels.size() != image.height * image.width * image.channels || image.pixels.empty()) std::abort();
        strata::authoring::detail::set_channels(image, 3);
        std::vector<std::uint8_t> small(7 * 5 * 3);
        strata::authoring::detail::resize_bilinear(image, 7, 5, small);
    } catch (const strata::file_error&) {
        return;  // the answer to a damaged file; any other exception is a finding
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    const std::string file = "fuzz";
    check([&] { return strata::authoring::detail::decode_png(bytes, 1U << 16U, file); });
    check([&] { return strata::authoring::detail::decode_jpeg(bytes, false, 1U << 16U, file); });
    check([&] { return strata::authoring::detail::decode_jpeg(bytes, true, 1U << 16U, file); });
    return 0;
}
