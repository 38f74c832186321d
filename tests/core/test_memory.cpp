#include "strata/core/memory.hpp"

#include "support/catch.hpp"

#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>

using namespace strata;

namespace {

std::uintptr_t address_of(const aligned_vector<float>& values) {
    return reinterpret_cast<std::uintptr_t>(values.data());
}

#ifdef __linux__
/// The line of flags of the mapping around an address in /proc/self/smaps, or nothing where the system does not say.
std::string flags_of_mapping(std::uintptr_t address) {
    std::ifstream maps("/proc/self/smaps");
    bool inside = false;
    for (std::string line; std::getline(maps, line);) {
        std::uintptr_t begin = 0, end = 0;
        char dash = 0;
        std::istringstream fields(line);
        if (fields >> std::hex >> begin >> dash >> end && dash == '-') inside = begin <= address && address < end;
        if (inside && line.starts_with("VmFlags:")) return line + " ";
    }
    return {};
}
#endif

}  // namespace

TEST_CASE("aligned_vector starts at a cache line, where it is large at a huge page") {
    CHECK(address_of(aligned_vector<float>(1)) % alignment == 0);
    CHECK(address_of(aligned_vector<float>(huge_page / sizeof(float) - 1)) % alignment == 0);
    const aligned_vector<float> large(huge_page / sizeof(float));
    CHECK(address_of(large) % huge_page == 0);
    CHECK(large.back() == 0);
}

#ifdef __linux__
TEST_CASE("a large aligned_vector asks the system for huge pages") {
    const aligned_vector<float> large(2 * huge_page / sizeof(float));
    const std::string flags = flags_of_mapping(address_of(large));
    // Systems without huge pages, or that do not show where they are asked for, have nothing to check.
    const bool known = !flags.empty() && std::ifstream("/sys/kernel/mm/transparent_hugepage/enabled");
    CHECK((!known || flags.find(" hg ") != std::string::npos));
}
#endif
