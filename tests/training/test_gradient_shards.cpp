#include "strata/training/gradient_shards.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <cstddef>

using namespace strata::authoring;

namespace {

using V = pack<float>;
using shards = gradient_shards<V>;

}  // namespace

TEST_CASE("a batch has a shard for each pack, then for every two") {
    constexpr std::size_t values = 50'000;  // of which an L2 does not hold 17 times as many
    const auto shards_of = [](std::size_t packs) { return shards::shards_of(packs, values, values); };
    for (const std::size_t packs : {1, 2, 8, 15, 16}) CHECK(shards_of(packs) == packs);
    for (const std::size_t packs : {17, 31, 32, 33}) CHECK(shards_of(packs) == 16);
    CHECK(shards_of(34) == 17);
    CHECK(shards_of(64) == 32);
    CHECK(shards_of(128) == 64);
    CHECK(shards_of(1000) == 64);
    CHECK(shards(100, values, values).capacity() == 50);
}

TEST_CASE("a batch has a shard for each pack as far as an L2 holds the values in use") {
    for (const std::size_t packs : {17, 33, 64}) CHECK(shards::shards_of(packs, 61'712, 4'000) == packs);
    CHECK(shards::shards_of(64, 61'712, 8'000) == 32);
    CHECK(shards::shards_of(40, 61'712, 8'000) == 32);
    CHECK(shards::shards_of(1000, 61'712, 1) == 64);
}

TEST_CASE("large networks have fewer shards, 16 at least") {
    const auto shards_of = [](std::size_t packs, std::size_t size) { return shards::shards_of(packs, size, size); };
    CHECK(shards_of(1000, 0) == 64);
    CHECK(shards_of(1000, 61'712) == 64);  // LeNet-5
    CHECK(shards_of(1000, 131'072) == 63);
    CHECK(shards_of(1000, 300'000) == 27);
    CHECK(shards_of(1000, 20'000'000) == 16);
    CHECK(shards_of(8, 20'000'000) == 8);
    CHECK(gradient_shards<pack<double>>::shards_of(1000, 131'072, 131'072) == 31);
    CHECK(shards::shards_of(1000, 20'000'000, 1) == 16);
}

TEST_CASE("shards are cleared part by part and added in their order") {
    constexpr std::size_t size = 2 * lanes<V> + 5, begin = 2, end = size - 1;  // no whole number of packs
    shards parts(3, round_up(size, lanes<V>), size);
    const float values[] = {1e8f, 1, -1e8f};  // in another order the sum is 1
    const auto fill = [&] {
        for (std::size_t s = 0; s < 3; ++s) std::fill_n(parts.arena(s), size, values[s]);
    };
    const auto sum_of = [&](std::size_t count) {
        fill();
        parts.add_up(count, begin, end);
        CHECK(parts.arena(0)[begin - 1] == 1e8f);
        CHECK(parts.arena(0)[end] == 1e8f);
        for (std::size_t k = begin; k < end; ++k) CHECK(parts.arena(0)[k] == parts.arena(0)[begin]);
        return parts.arena(0)[begin];
    };
    CHECK(sum_of(1) == 1e8f);
    CHECK(sum_of(2) == 1e8f);
    CHECK(sum_of(3) == 0);

    fill();
    parts.clear(1, begin, end);
    for (std::size_t k = 0; k < size; ++k) CHECK(parts.arena(1)[k] == (begin <= k && k < end ? 0 : 1));
}
