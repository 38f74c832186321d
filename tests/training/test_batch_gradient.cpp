#include "strata/training/batch_gradient.hpp"

#include "strata/layers/activation.hpp"
#include "strata/layers/conv2d.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/reshape.hpp"
#include "strata/model/network_pass.hpp"
#include "support/catch.hpp"
#include "support/lanes.hpp"
#include "support/resident_pages.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

using V = pack<float>;

/// The first and the second kernel have joint gradients, the third has none.
using wide = network<shape<2, 2, 96>, Conv2D<80, Kernel<2>, Same, Tanh>, Flatten, Dense<101, Tanh>, Dense<3>>;
static_assert(lanes<V> == 1 || (has_joint_gradient<wide::stage<0>, V> && has_joint_gradient<wide::stage<2>, V>));
static_assert(!has_joint_gradient<wide::stage<3>, V>);
constexpr std::size_t parameters = wide::parameter_count;
using pass = network_pass<wide, V>;

/// Runs packs forward and backward, into one arena or into a batch_gradient.
struct packs_of_samples {
    aligned_vector<V> cells = aligned_vector<V>(pass::cells);
    aligned_vector<float> values = random_values<float>(parameters, 1);

    void run(std::size_t pack, float* gradients, V* operands) {
        const auto x = random_lanes<V>(wide::input::size, 10 + pack),
                   dy = random_lanes<V>(wide::output::size, 99 + pack);
        const pack_values<V> all{.cells = cells.data(),
                                 .values = values.data(),
                                 .gradients = gradients,
                                 .operands = operands,
                                 .training = true};
        std::copy(x.begin(), x.end(), cells.begin());
        pass::forward_range<0, wide::depth>(all);
        std::copy(dy.begin(), dy.end(), pass::output_gradient<wide::depth>(cells.data()));
        pass::backward_range<0, wide::depth>(all);
    }
};

/// The pages that the gradient of 16 packs takes before these run, in those of the parameters.
template <class Network> double pages_of_gradient() {
    const std::size_t before = resident_pages();
    batch_gradient<Network, V> gradient(16);
    for (std::size_t s = 0; s < gradient.shards(); ++s) gradient.cleared(s);
    return double(resident_pages() - before) * 4096 / double(Network::parameter_count * sizeof(float));
}

/// The gradient of so many packs, summed up by `threads` teammates, one after the other; each value counted.
struct summed {
    std::vector<float> values = std::vector<float>(parameters);
    std::vector<int> times = std::vector<int>(parameters);

    summed(std::size_t packs, std::size_t threads) {
        packs_of_samples samples;
        batch_gradient<wide, V> gradient(packs);
        const std::size_t shards = gradient.shards();
        for (int step = 0; step < 2; ++step) {  // the second one finds what the first has left
            for (std::size_t s = 0; s < shards; ++s) {
                float* const shard = gradient.cleared(s);
                for (std::size_t p = packs * s / shards; p < packs * (s + 1) / shards; ++p)
                    samples.run(p, shard, gradient.operands(p));
            }
            const team all(threads);
            auto scratch = unwritten_cells<V>(wide::joint_scratch<V>);
            for (std::size_t thread = 0; thread < threads; ++thread) {
                gradient.for_share(all, thread, shards, packs, scratch.data(),
                                   [&](std::size_t begin, std::size_t end, const float* gradients) {
                                       for (std::size_t k = begin; k < end; ++k) {
                                           values[k] = gradients[k - begin];
                                           ++times[k];
                                       }
                                   });
            }
        }
    }
};

}  // namespace

TEST_CASE("a batch's gradient is the sum over its packs, jointly or one by one") {
    packs_of_samples samples;
    for (const std::size_t packs : {1, 2, 5, 64, 70}) {
        INFO(packs << " packs");
        aligned_vector<float> expected(round_up(parameters, lanes<V>));
        for (std::size_t p = 0; p < packs; ++p) samples.run(p, expected.data(), nullptr);
        expected.resize(parameters);
        CHECK(relative_error(summed(packs, 1).values, expected) < 1e-5);
    }
}

TEST_CASE("every parameter's gradient is computed once, by any number of threads, with the same bits") {
    for (const std::size_t packs : {3, 70}) {
        const summed alone(packs, 1);
        for (const std::size_t threads : {1, 2, 3, 7, 200}) {
            INFO(packs << " packs, " << threads << " threads");
            const summed together(packs, threads);
            CHECK(together.times == std::vector<int>(parameters, 2));
            CHECK((together.values == alone.values));
        }
    }
}

TEST_CASE("packs keep operands where a batch has few of them") {
    batch_gradient<wide, V> few(64), many(65);
    CHECK(few.operands(0) != nullptr);
    CHECK(few.operands(63) == few.operands(0) + 63 * wide::operand_offsets<V>[wide::depth]);
    CHECK(many.operands(0) == nullptr);
    using narrow = network<shape<5>, Dense<3>>;
    CHECK(batch_gradient<narrow, V>(2).operands(0) == nullptr);
}

TEST_CASE("shards take no memory for joint gradients") {
    if constexpr (lanes<V> > 1) {
        CHECK(pages_of_gradient<network<shape<1024>, Dense<1024>>>() < 1);
        CHECK(pages_of_gradient<network<shape<2, 2, 256>, Conv2D<256, Same>>>() < 1);
    }
}
