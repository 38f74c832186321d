#include "strata/core/random.hpp"
#include "strata/core/random_cells.hpp"

#include "support/catch.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

using namespace strata::authoring;

namespace {

using counter = std::array<std::uint32_t, 4>;

}  // namespace

// The known answers that Random123 1.14 ships for philox4x32 with 10 rounds.
static_assert(philox({0, 0, 0, 0}, {0, 0}) == counter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
static_assert(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
              counter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
static_assert(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
              counter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});

TEST_CASE("a random_stream hands out Philox' words in order") {
    const std::uint64_t seed = 0x0123456789abcdef, stream = 0xfedcba9876543210;
    random_stream random(seed, stream);
    for (std::uint32_t position = 0; position < 3; ++position) {
        const counter words = philox({position, 0, 0x76543210, 0xfedcba98}, {0x89abcdef, 0x01234567});
        CHECK(random.bits() == (std::uint64_t{words[1]} << 32 | words[0]));
        CHECK(random.bits() == (std::uint64_t{words[3]} << 32 | words[2]));
    }
}

TEST_CASE("the same seed and stream give the same numbers on every machine") {
    random_stream bits(0, 0);
    CHECK(bits.bits() == 0xe169c58d6627e8d5u);
    CHECK(bits.bits() == 0x9b00dbd8bc57ac4cu);

    random_stream uniform(0, 0);
    CHECK(uniform.uniform() == static_cast<double>(0xe169c58d6627e8d5u >> 11) / 9007199254740992.0);

    random_stream below(7, 3);
    std::vector<std::uint32_t> drawn;
    for (int i = 0; i < 8; ++i) drawn.push_back(below.below(1000));
    CHECK(drawn == std::vector<std::uint32_t>{123, 599, 459, 522, 917, 343, 589, 89});

    random_stream normal(1, 2);  // libm may differ in the last place
    for (const double expected : {1.2263922148055066, 1.8514026829496946, -0.933630279509992, -0.05361821786110018})
        CHECK(normal.normal() == Approx(expected).epsilon(1e-14));
}

TEST_CASE("seeds and streams are apart") {
    std::set<std::uint64_t> seen;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        for (std::uint64_t stream = 0; stream < 20; ++stream) {
            random_stream random(seed << (seed % 2 ? 0 : 32), stream << (stream % 2 ? 0 : 32));
            for (int i = 0; i < 5; ++i) seen.insert(random.bits());
        }
    }
    CHECK(seen.size() == 20 * 20 * 5);
}

TEST_CASE("uniform fills the range from 0 to 1 evenly") {
    random_stream random(11, 0);
    constexpr int count = 100000, cells = 50;
    std::array<int, cells> histogram{};
    double sum = 0, squares = 0;
    for (int i = 0; i < count; ++i) {
        const double u = random.uniform();
        REQUIRE(u >= 0);
        REQUIRE(u < 1);
        ++histogram[static_cast<std::size_t>(u * cells)];
        sum += u;
        squares += u * u;
    }
    CHECK(sum / count == Approx(0.5).margin(4 * std::sqrt(1.0 / 12 / count)));
    CHECK(squares / count == Approx(1.0 / 3).margin(4 * std::sqrt(4.0 / 45 / count)));
    double chi_square = 0;
    for (const int n : histogram) chi_square += (n - count / cells) * (n - count / cells) / double(count / cells);
    CHECK(chi_square < 85);  // 49 degrees of freedom: exceeded once in a thousand
    CHECK(chi_square > 24);
}

TEST_CASE("symmetric fills the range from -limit to limit") {
    random_stream random(12, 0);
    double low = 1, high = -1, sum = 0;
    for (int i = 0; i < 100000; ++i) {
        const double x = random.symmetric(0.25);
        low = std::fmin(low, x);
        high = std::fmax(high, x);
        sum += x;
    }
    CHECK(low >= -0.25);
    CHECK(low < -0.2499);
    CHECK(high < 0.25);
    CHECK(high > 0.2499);
    CHECK(sum / 100000 == Approx(0).margin(0.002));
}

TEST_CASE("normal has the moments of a normal variable") {
    random_stream random(13, 0);
    constexpr int count = 200000;
    double sum = 0, squares = 0, fourth = 0;
    int beyond_two = 0;
    for (int i = 0; i < count; ++i) {
        const double x = random.normal();
        REQUIRE(std::isfinite(x));
        sum += x;
        squares += x * x;
        fourth += x * x * x * x;
        beyond_two += std::abs(x) > 2;
    }
    CHECK(sum / count == Approx(0).margin(0.01));
    CHECK(squares / count == Approx(1).margin(0.015));
    CHECK(fourth / count == Approx(3).margin(0.12));
    CHECK(beyond_two / double(count) == Approx(0.0455).margin(0.002));
}

TEST_CASE("below is even, also where 2^32 is no multiple of n") {
    random_stream random(14, 0);
    std::array<int, 6> dice{};
    for (int i = 0; i < 60000; ++i) ++dice[random.below(6)];
    for (const int n : dice) CHECK(n == Approx(10000).margin(400));

    // Three quarters of 2^32: scaling without rejection would draw multiples of 3 twice as often as other numbers.
    constexpr std::uint32_t n = 3221225472;
    std::array<int, 3> thirds{};
    for (int i = 0; i < 30000; ++i) {
        const std::uint32_t drawn = random.below(n);
        REQUIRE(drawn < n);
        ++thirds[drawn % 3];
    }
    for (const int count : thirds) CHECK(count == Approx(10000).margin(330));

    for (int i = 0; i < 10; ++i) CHECK(random.below(1) == 0);
}

TEST_CASE("random_cells: numbers lie in (0, 1), and depend on seed, step, layer and sample alone") {
    const random_cells cells{.seed = 3, .step = 5, .first_sample = 0, .layer = 2};
    using V = pack<float>;
    double sum = 0;
    for (std::uint32_t block = 0; block < 4096; ++block) {
        const auto values = cells.uniform<V>(block);
        for (std::size_t n = 0; n < lanes<V>; ++n) {
            const float value = as_lanes(&values[block % 4])[n];
            REQUIRE((value > 0 && value < 1));
            sum += value;
            const random_cells alone{.seed = 3, .step = 5, .first_sample = std::uint32_t(n), .layer = 2};
            if (block < 16) CHECK(float(alone.uniform<double>(block)[block % 4]) == value);
        }
    }
    CHECK(sum / double(4096 * lanes<V>) == Approx(0.5).margin(0.02));
    const auto first = [](const random_cells& which) { return which.uniform<double>(0)[0]; };
    for (const random_cells& other :
         {random_cells{4, 5, 0, 2}, random_cells{3, 6, 0, 2}, random_cells{3, 5, 1, 2}, random_cells{3, 5, 0, 3}})
        CHECK(first(other) != first(cells));
}

TEST_CASE("random_cells: each use of a layer has numbers of its own, also of one that is repeated itself") {
    const random_cells cells{.seed = 3, .step = 5, .first_sample = 0, .layer = 2};
    CHECK(cells.repeated(0).repetition == cells.repetition);
    std::set<double> found;
    for (std::size_t outer = 0; outer < 100; ++outer)
        for (std::size_t inner = 0; inner < 100; ++inner)
            found.insert(cells.repeated(outer).repeated(inner).uniform<double>(0)[0]);
    CHECK(found.size() > 9990);  // of 2^23 numbers some come twice
    CHECK(cells.repeated(1u << 16).uniform<double>(0) != cells.uniform<double>(0));
}
