#include "strata/kernels/regularization/dropout.hpp"

#include "support/catch.hpp"
#include "support/lanes.hpp"

#include <cstddef>
#include <cstdint>

using namespace strata::authoring;
using namespace strata::authoring::kernels;
using namespace strata::authoring::test;

namespace {

constexpr dropping what{.rate = 0.25, .factor = 2, .added = 3, .added_to_dropped = 7};

/// What becomes of `Cells` cells with so many draws, and of their gradient, must be what random_cells says.
template <std::size_t Cells, std::size_t Draws, class V> void check(const strata::authoring::random_cells& random) {
    using kernel = dropout<Cells, Draws, what, V>;
    const auto x = test::random_lanes<V>(Cells, 1), dy = test::random_lanes<V>(Cells, 2);
    auto y = unwritten_cells<V>(Cells), dx = unwritten_cells<V>(Cells), kept = unwritten_cells<V>(kernel::kept_cells);
    kernel::forward(random, x.data(), y.data(), kept.data());
    kernel::backward(dy.data(), dx.data(), kept.data());
    std::size_t differences = 0;
    for (std::size_t i = 0; i < Cells; ++i) {
        std::uint32_t words[4][lanes<V>];
        random.draw(static_cast<std::uint32_t>(i % Draws / 4), words);
        for (std::size_t n = 0; n < lanes<V>; ++n) {
            const auto of = [&](const auto& cells) { return double(as_lanes(cells.data())[i * lanes<V> + n]); };
            const bool stays = words[i % Draws % 4][n] >= 0x40000000u;
            differences += of(y) != (stays ? double(scalar_t<V>(2 * of(x) + 3)) : 7);
            differences += of(dx) != (stays ? 2 * of(dy) : 0);
        }
    }
    CHECK(differences == 0);
}

}  // namespace

TEST_CASE("dropout: each cell has the fate of its draw, in the backward pass, too") {
    const strata::authoring::random_cells random{.seed = 7, .step = 3, .first_sample = 100, .layer = 2};
    for_each_pack([&]<class V>(V, const char* name) {
        INFO(name);
        check<37, 37, V>(random);
        check<64, 64, V>(random);
        check<3 * 35, 35, V>(random);
        check<2, 2, V>(random);
    });
    check<70, 70, double>(random);
}

TEST_CASE("dropout: steps, layers and seeds have numbers of their own") {
    using kernel = dropout<64, 64, what, double>;
    const aligned_vector<double> ones(64, 1);
    const auto of = [&](const strata::authoring::random_cells& random) {
        aligned_vector<double> y(64), kept(kernel::kept_cells);
        kernel::forward(random, ones.data(), y.data(), kept.data());
        return y;
    };
    const auto first = of({.seed = 1, .step = 1, .first_sample = 0, .layer = 1});
    CHECK(of({.seed = 1, .step = 1, .first_sample = 0, .layer = 1}) == first);
    CHECK(of({.seed = 2, .step = 1, .first_sample = 0, .layer = 1}) != first);
    CHECK(of({.seed = 1, .step = 2, .first_sample = 0, .layer = 1}) != first);
    CHECK(of({.seed = 1, .step = 1, .first_sample = 1, .layer = 1}) != first);
    CHECK(of({.seed = 1, .step = 1, .first_sample = 0, .layer = 2}) != first);
}
