#include "strata/kernels/bfloat16.hpp"

#include "support/bfloat16.hpp"
#include "support/catch.hpp"

#include <array>
#include <cstddef>

using namespace strata::authoring;
using namespace strata::authoring::test;
using namespace strata::authoring::kernels;

static_assert(pairs_in(0) == 0 && pairs_in(1) == 1 && pairs_in(6) == 3 && pairs_in(7) == 4);

#ifdef STRATA_HAS_BFLOAT16

using mixed = pack<mixed_bfloat16>;

namespace {

constexpr bfloat16_pair untouched{0x12345678};

/// Value `which` of pair i of sample n.
float value_at(const aligned_vector<bfloat16_pairs<mixed>>& cells, std::size_t i, std::size_t n, std::size_t which) {
    return value_of(as_lanes(cells.data())[i * lanes<mixed> + n], which);
}

template <std::size_t Count> void check_neighbours_of_weights() {
    INFO(Count << " weights in a row");
    constexpr std::size_t rows = 3;
    const auto weights = random_values<float>(rows * Count, 1);
    aligned_vector<bfloat16_pair> to(rows * pairs_in(Count) + 1, untouched);
    pair_neighbours<Count, mixed>(weights.data(), rows, to.data());
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t i = 0; i < 2 * pairs_in(Count); ++i) {
            const double expected = i < Count ? rounded_to_bfloat16(weights[row * Count + i]) : 0;
            CHECK(value_of(to[row * pairs_in(Count) + i / 2], i % 2) == expected);
        }
    }
    CHECK(to.back().bits == untouched.bits);
}

template <std::size_t Count> void check_neighbours_of_cells() {
    INFO(Count << " cells in a row");
    constexpr std::size_t rows = 3;
    const auto cells = random_lanes<mixed>(rows * Count, 1);
    aligned_vector<bfloat16_pairs<mixed>> to(rows * pairs_in(Count));
    pair_neighbours<Count>(cells.data(), rows, to.data());
    for (std::size_t n = 0; n < lanes<mixed>; ++n) {
        const auto sample = operands(lane(cells, n), true);
        for (std::size_t row = 0; row < rows; ++row)
            for (std::size_t i = 0; i < 2 * pairs_in(Count); ++i)
                CHECK(value_at(to, row * pairs_in(Count) + i / 2, n, i % 2) ==
                      (i < Count ? sample[row * Count + i] : 0));
    }
}

}  // namespace

TEST_CASE("bfloat16: neighbours in rows of weights, odd ones and such as fill no register") {
    check_neighbours_of_weights<1>();
    check_neighbours_of_weights<2>();
    check_neighbours_of_weights<15>();
    check_neighbours_of_weights<16>();
    check_neighbours_of_weights<33>();
    check_neighbours_of_weights<38>();
}

TEST_CASE("bfloat16: neighbours in rows of cells") {
    check_neighbours_of_cells<1>();
    check_neighbours_of_cells<4>();
    check_neighbours_of_cells<7>();
}

TEST_CASE("bfloat16: two rows of weights, or one and zeros") {
    for (const std::size_t count : {1, 15, 16, 17, 40}) {
        const auto first = random_values<float>(count, 1), second = random_values<float>(count, 2);
        aligned_vector<bfloat16_pair> both(count + 1, untouched), one = both;
        pair_rows<mixed>(first.data(), second.data(), count, both.data());
        pair_rows<mixed>(first.data(), nullptr, count, one.data());
        for (std::size_t i = 0; i < count; ++i) {
            CHECK(value_of(both[i], 0) == rounded_to_bfloat16(first[i]));
            CHECK(value_of(both[i], 1) == rounded_to_bfloat16(second[i]));
            CHECK(value_of(one[i], 0) == rounded_to_bfloat16(first[i]));
            CHECK(value_of(one[i], 1) == 0);
        }
        CHECK(both.back().bits == untouched.bits);
        CHECK(one.back().bits == untouched.bits);
    }
}

TEST_CASE("bfloat16: two rows of cells, either of which may not exist") {
    const auto first = random_lanes<mixed>(3, 1), second = random_lanes<mixed>(3, 2);
    for (const auto& [a, b] :
         {std::array{first.data(), second.data()}, std::array<const mixed*, 2>{first.data(), nullptr},
          std::array<const mixed*, 2>{nullptr, second.data()}}) {
        aligned_vector<bfloat16_pairs<mixed>> to(3);
        pair_rows(a, b, 3, to.data());
        for (std::size_t i = 0; i < 3; ++i) {
            CHECK(value_at(to, i, 5, 0) == (a ? rounded_to_bfloat16(lane(first, 5)[i]) : 0));
            CHECK(value_at(to, i, 5, 1) == (b ? rounded_to_bfloat16(lane(second, 5)[i]) : 0));
        }
    }
}

#endif
