#pragma once

#include <cstddef>
#include <fstream>

namespace strata::authoring::test {

/// The pages of this process that are in memory, of 4096 bytes; 0 where Linux does not tell.
inline std::size_t resident_pages() {
    std::size_t all = 0, resident = 0;
    std::ifstream("/proc/self/statm") >> all >> resident;
    return resident;
}

}  // namespace strata::authoring::test
