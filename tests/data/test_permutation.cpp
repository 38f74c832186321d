#include "strata/data/permutation.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

using namespace strata::authoring;

namespace {

std::vector<std::uint32_t> shuffled(std::size_t n, std::uint64_t seed, std::uint64_t epoch) {
    std::vector<std::uint32_t> order(n, 77);
    shuffle_order(order, seed, epoch);
    return order;
}

}  // namespace

TEST_CASE("shuffle_order holds every number once") {
    for (const std::size_t n : {0, 1, 2, 3, 100, 60000}) {
        auto order = shuffled(n, 5, 2);
        std::sort(order.begin(), order.end());
        for (std::size_t i = 0; i < n; ++i) REQUIRE(order[i] == i);
    }
}

TEST_CASE("an order depends on the seed and the epoch, and on nothing else") {
    CHECK(shuffled(50, 1, 1) == shuffled(50, 1, 1));
    CHECK(shuffled(50, 1, 1) != shuffled(50, 1, 2));
    CHECK(shuffled(50, 1, 1) != shuffled(50, 2, 1));
    CHECK(shuffled(10, 0, 0) == std::vector<std::uint32_t>{9, 3, 6, 7, 1, 8, 4, 2, 5, 0});  // on every machine
}

TEST_CASE("all orders are equally likely") {
    std::array<int, 27> count{};
    for (std::uint64_t epoch = 0; epoch < 6000; ++epoch) {
        const auto order = shuffled(3, 0, epoch);
        ++count[order[0] * 9 + order[1] * 3 + order[2]];
    }
    CHECK(std::count(count.begin(), count.end(), 0) == 21);
    for (const int n : count) CHECK((n == 0 || std::abs(n - 1000) < 130));
}
