// Any bytes through the gzip reader, as its users call it: a header that says how much follows, that much, the end.
#include "strata/system/gzip.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        const auto source = strata::authoring::detail::open_unpacked(std::as_bytes(std::span(data, size)), "fuzz");
        std::array<std::byte, 4> header{};
        if (source->read(header) < header.size()) return 0;
        std::uint64_t stated = 0;
        for (const std::byte byte : header) stated = stated << 8U | std::to_integer<std::uint64_t>(byte);
        if (stated > source->most_left()) return 0;
        std::vector<std::byte> rest(stated);
        const std::size_t first = source->read(std::span(rest).first(stated / 2));
        const std::size_t count = first + source->read(std::span(rest).subspan(first));
        if (count > stated) std::abort();
        source->expect_end();
        // Whoever is told that the stream ended well must be at its end.
        std::array<std::byte, 1> extra{};
        if (source->read(extra) != 0) std::abort();
    } catch (const strata::file_error&) {
        return 0;  // the answer to a damaged file; any other exception is a finding
    }
    return 0;
}
