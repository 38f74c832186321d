#include "strata/simd/memory.hpp"

#include "support/catch.hpp"
#include "support/resident_pages.hpp"

#include <cstddef>
#include <cstdint>

using namespace strata::authoring;
using strata::authoring::test::resident_pages;

TEST_CASE("vectors of the arenas start at a cache line") {
    const aligned_vector<float> zeros(3);
    const unwritten_vector<float> some(3);
    CHECK(reinterpret_cast<std::uintptr_t>(zeros.data()) % alignment == 0);
    CHECK(reinterpret_cast<std::uintptr_t>(some.data()) % alignment == 0);
    CHECK(zeros[2] == 0);
}

TEST_CASE("an unwritten vector takes memory only where it is used") {
    constexpr std::size_t count = std::size_t{64} << 20, pages = count * sizeof(float) / 4096;
    const std::size_t before = resident_pages();
    unwritten_vector<float> values(count);
    values[count / 2] = 1;
    CHECK(values[count / 2] == 1);
    CHECK(resident_pages() < before + pages / 8);
}
