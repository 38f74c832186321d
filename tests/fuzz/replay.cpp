// Runs stored inputs through a fuzz target without libFuzzer: replay FILE_OR_FOLDER...
//
// The program, its libraries and their stacks included, has 64 MiB of address space. A reader that believes the sizes
// in a hostile file before it has compared them with the file ends with std::bad_alloc.
#include "support/files.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#ifdef __has_feature
#define STRATA_HAS_FEATURE(name) __has_feature(name)
#else
#define STRATA_HAS_FEATURE(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || STRATA_HAS_FEATURE(address_sanitizer) || \
    STRATA_HAS_FEATURE(thread_sanitizer)
#define STRATA_LIMITED_MEMORY 0  // sanitizers map terabytes
#else
#include <sys/resource.h>
#define STRATA_LIMITED_MEMORY 1
#endif

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void replay(const std::filesystem::path& path) {
    const std::string bytes = strata::authoring::test::contents(path);
    const std::vector<std::uint8_t> input(bytes.begin(), bytes.end());  // no zero behind its end, as a string has
    LLVMFuzzerTestOneInput(input.data(), input.size());
}

void limit_memory() {
#if STRATA_LIMITED_MEMORY
    rlimit limit{};
    getrlimit(RLIMIT_AS, &limit);
    limit.rlim_cur = std::size_t{64} << 20U;
    if (setrlimit(RLIMIT_AS, &limit) != 0) throw std::runtime_error("the memory cannot be limited");
#endif
}

}  // namespace

int main(int argument_count, char** arguments) {
    std::size_t count = 0;
    std::filesystem::path current;
    try {
        limit_memory();
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
