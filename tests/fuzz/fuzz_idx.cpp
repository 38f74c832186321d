// Any bytes through the idx readers: an array that is what its extents say, or a file_error.
#include "strata/data/load_idx.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t any = strata::idx_expectation::any;
    const auto bytes = std::as_bytes(std::span(data, size));
    for (const std::vector<std::size_t>& extents :
         {std::vector<std::size_t>{}, {any}, {any, any}, {any, 28, 28}, {any, any, any, any}}) {
        try {
            const auto source = strata::authoring::detail::open_unpacked(bytes, "fuzz");
            const strata::idx_array array =
                strata::authoring::parse_idx(*source, {.extents = extents, .items = "images"});
            std::size_t count = 1;
            for (const std::size_t extent : array.extents) count *= extent;
            if (array.extents.size() != extents.size() || array.values.size() != count) std::abort();
        } catch (const strata::file_error&) {
            continue;  // the answer to a malformed file; any other exception is a finding
        }
    }
    try {
        const auto source = strata::authoring::detail::open_unpacked(bytes, "fuzz");
        const auto array = strata::authoring::parse_idx_tensor<float>(*source);
        std::size_t count = 1;
        for (const std::size_t extent : array.shape()) count *= extent;
        if (array.size() != count) std::abort();
    } catch (const strata::file_error&) {
        return 0;
    }
    return 0;
}
