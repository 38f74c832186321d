// Runs stored inputs through a fuzz target without libFuzzer: replay FILE_OR_FOLDER...
#include "support/files.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void replay(const std::filesystem::path& path) {
    const std::string bytes = strata::authoring::test::contents(path);
    const std::vector<std::uint8_t> input(bytes.begin(), bytes.end());  // no zero behind its end, as a string has
    LLVMFuzzerTestOneInput(input.data(), input.size());
}

}  // namespace

int main(int argument_count, char** arguments) {
    std::size_t count = 0;
    std::filesystem::path current;
    try {
        for (int i = 1; i < argument_count; ++i) {
            if (!std::filesystem::is_directory(arguments[i])) {
                replay(current = arguments[i]);
                ++count;
                continue;
            }
            for (const auto& entry : std::filesystem::recursive_directory_iterator(arguments[i])) {
                if (!entry.is_regular_file()) continue;
                replay(current = entry.path());
                ++count;
            }
        }
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: %s\n", current.c_str(), error.what());
        return 1;
    }
    std::printf("%zu inputs replayed\n", count);
    return count > 0 ? 0 : 1;
}
