#include "strata/training/evaluation_order.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

using namespace strata::authoring;

TEST_CASE("an evaluation of a source adds the packs of an array's groups in their order, each once") {
    constexpr std::size_t lanes = 4;
    for (const std::size_t samples : {1, 4, 5, 12, 27, 32, 33, 130, 259}) {
        for (const std::size_t streams : {1, 2, 3, 7, 8, 64}) {
            for (const std::size_t batch_size : {std::size_t{1}, std::size_t{16}, std::size_t{40}, ~std::size_t{0}}) {
                INFO(samples << " samples, " << streams << " streams, batches of " << batch_size);
                const evaluation_order order(samples, lanes, 8, streams, batch_size);
                const std::size_t packs = (samples + lanes - 1) / lanes, groups = order.groups();
                CHECK(order.batch_size() < samples + (order.streams() + 1) * lanes);  // no room for more
                std::vector<std::vector<std::size_t>> of_group(groups);
                for (std::size_t batch = 0; batch < order.batches(); ++batch) {
                    for (std::size_t stream = 0; stream < order.streams(); ++stream) {
                        order.for_each_pack(batch, stream, [&](std::size_t group, std::size_t row, std::size_t count) {
                            REQUIRE(row + count <= order.batch_size());
                            const auto read = order.samples().subspan(batch * order.batch_size() + row, count);
                            const std::size_t pack = read[0] / lanes;
                            CHECK(((group + 1) * order.streams() - 1) / groups ==
                                  stream);  // no two streams share a group
                            CHECK(count == std::min(lanes, samples - pack * lanes));
                            for (std::size_t i = 0; i < count; ++i) REQUIRE(read[i] == pack * lanes + i);
                            of_group[group].push_back(pack);
                        });
                    }
                }
                for (std::size_t g = 0; g < groups; ++g) {
                    const std::size_t first = packs * g / groups, after = packs * (g + 1) / groups;
                    REQUIRE(of_group[g].size() == after - first);
                    for (std::size_t i = 0; i < of_group[g].size(); ++i) CHECK(of_group[g][i] == first + i);
                }
            }
        }
    }
}
