// Any bytes through the readers of .npy and .npz files: a file_error, or arrays that are what their shapes say.
#include "strata/io/npz.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

namespace {

using strata::authoring::detail::byte_storage;

template <class T> void read_npy(std::span<const std::byte> bytes) {
    try {
        strata::authoring::detail::memory_source source(bytes, "fuzz");
        const auto array = strata::authoring::parse_npy<T>(source);
        std::size_t count = 1;
        for (const std::size_t extent : array.shape()) count *= extent;
        if (array.size() != count) std::abort();
    } catch (const strata::file_error&) {
        return;  // the answer to a malformed file; any other exception is a finding
    }
}

void read_npz(const byte_storage& storage) {
    try {
        const strata::NpzFile file(storage);
        for (const std::string& name : file.names()) {
            std::size_t count = 1;
            for (const std::size_t extent : file.shape(name)) count *= extent;
            try {
                if (file.array<double>(name).size() != count) std::abort();
            } catch (const strata::file_error&) {
                continue;  // a bool of 2
            }
        }
    } catch (const strata::file_error&) {
        return;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    read_npy<float>(bytes);
    read_npy<std::int16_t>(bytes);
    read_npz(strata::authoring::detail::memory_storage(bytes, "fuzz"));
    return 0;
}
