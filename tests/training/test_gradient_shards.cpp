#include "strata/training/gradient_shards.hpp"

#include "support/catch.hpp"

#include <cstddef>

using namespace strata;

namespace {

using V = pack<float>;
using shards = gradient_shards<V>;

}  // namespace

TEST_CASE("a batch has a shard for each pack, then for every two") {
    for (const std::size_t packs : {1, 2, 8, 15, 16}) CHECK(shards::shards_of(packs, 64) == packs);
    for (const std::size_t packs : {17, 31, 32, 33}) CHECK(shards::shards_of(packs, 64) == 16);
    CHECK(shards::shards_of(34, 64) == 17);
    CHECK(shards::shards_of(64, 64) == 32);
    CHECK(shards::shards_of(128, 64) == 64);
    CHECK(shards::shards_of(1000, 64) == 64);
    CHECK(shards(100, 64).capacity() == 50);
}

TEST_CASE("large networks have fewer shards, 16 at least") {
    CHECK(shards::shards_of(1000, 0) == 64);
    CHECK(shards::shards_of(1000, 61'712) == 64);  // LeNet-5
    CHECK(shards::shards_of(1000, 131'072) == 63);
    CHECK(shards::shards_of(1000, 300'000) == 27);
    CHECK(shards::shards_of(1000, 20'000'000) == 16);
    CHECK(shards::shards_of(8, 20'000'000) == 8);
    CHECK(gradient_shards<pack<double>>::shards_of(1000, 131'072) == 31);
}

TEST_CASE("shards are cleared one by one and added in their order") {
    constexpr std::size_t size = 2 * lanes<V>;
    shards parts(3, size);
    const float values[] = {1e8f, 1, -1e8f};  // in another order the sum is 1
    for (std::size_t s = 0; s < 3; ++s) {
        float* part = parts.cleared(s);
        for (std::size_t k = 0; k < size; ++k) {
            REQUIRE(part[k] == 0);
            part[k] = values[s];
        }
    }
    const auto lane = [&](std::size_t count) {
        const V sum = parts.sum(count, lanes<V>);
        return as_lanes(&sum)[0];
    };
    CHECK(lane(1) == 1e8f);
    CHECK(lane(2) == 1e8f);
    CHECK(lane(3) == 0);
    parts.cleared(0);
    CHECK(lane(2) == 1);
}
