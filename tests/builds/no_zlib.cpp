/// Reads the file that its argument names, packed or not, and prints it.

#include <cstdio>
#include <strata/system/gzip.hpp>
#include <vector>

int main(int, char** argv) {
    try {
        const auto source = strata::authoring::detail::open_unpacked(argv[1]);
        std::vector<std::byte> bytes(16);
        const std::size_t count = source->read(bytes);
        std::fwrite(bytes.data(), 1, count, stdout);
    } catch (const strata::file_error& error) {
        std::puts(error.what());
    }
}
