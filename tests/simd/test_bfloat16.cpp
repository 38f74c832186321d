#include "strata/simd/bfloat16.hpp"

#include "support/bfloat16.hpp"
#include "support/catch.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <type_traits>

using namespace strata::authoring;
using namespace strata::authoring::test;

using mixed = pack<mixed_bfloat16>;

// Values are floats in any case, and as many.
static_assert(std::is_same_v<scalar_t<mixed>, float> && lanes<mixed> == lanes<pack<float>>);
static_assert(sizeof(mixed) == sizeof(pack<float>));
static_assert(!rounds_products<float> && !rounds_products<double> && !rounds_products<pack<float>>);

#ifdef STRATA_HAS_BFLOAT16

static_assert(rounds_products<mixed> && !std::is_same_v<mixed, pack<float>>);
static_assert(sizeof(bfloat16_pairs<mixed>) == sizeof(mixed) && sizeof(bfloat16_pair) == sizeof(float));
static_assert(2 * sizeof(bfloat16_cell<mixed>) == sizeof(mixed));
static_assert(std::is_same_v<operand<bfloat16_cell<mixed>>, bfloat16_pairs<mixed>>);
static_assert(std::is_same_v<operand<mixed>, mixed>);

namespace {

template <class Pairs> std::array<bfloat16_pair, lanes<Pairs>> pairs_of(const Pairs& pairs) {
    std::array<bfloat16_pair, lanes<Pairs>> values;
    store_first(pairs, values.size(), values.data());
    return values;
}

}  // namespace

TEST_CASE("bfloat16: the nearest value is taken, of two the even one") {
    constexpr float step = 0x1p-7f;  // between neighbours from 1 to 2
    const std::array<std::array<float, 2>, 9> cases{{{1.f, 1.f},
                                                     {1.f + 0.5f * step, 1.f},
                                                     {1.f + 0.5f * step + 0x1p-23f, 1.f + step},
                                                     {1.f + 1.5f * step, 1.f + 2 * step},
                                                     {1.f + 1.5f * step - 0x1p-23f, 1.f + step},
                                                     {-1.f - 1.5f * step, -1.f - 2 * step},
                                                     {2.f - 0.25f * step, 2.f},
                                                     {-0.f, -0.f},
                                                     {INFINITY, INFINITY}}};
    for (const auto& [value, expected] : cases) {
        INFO(value);
        CHECK(rounded_to_bfloat16(value) == expected);
        CHECK(value_of(pairs_of(bfloat16_pairs<mixed>(mixed(value), mixed(0.f)))[3], 0) == expected);
        CHECK(value_of(pairs_of(bfloat16_pairs<mixed>(mixed(0.f), mixed(value)))[3], 1) == expected);
        CHECK(value_of(pairs_of(bfloat16_cell<mixed>(mixed(value)))[3], 1) == expected);
    }
    CHECK(std::isnan(value_of(pairs_of(bfloat16_cell<mixed>(mixed(NAN)))[0], 0)));
}

TEST_CASE("bfloat16: a pair holds the first value first, each lane its own") {
    const auto values = random_lanes<mixed>(2, 1);
    const auto pairs = pairs_of(bfloat16_pairs<mixed>(values[0], values[1]));
    for (std::size_t n = 0; n < lanes<mixed>; ++n)
        for (std::size_t i = 0; i < 2; ++i) CHECK(value_of(pairs[n], i) == rounded_to_bfloat16(lane(values, n)[i]));
}

TEST_CASE("bfloat16: a cell pairs neighbouring samples") {
    const auto values = random_lanes<mixed>(1, 1);
    const auto pairs = pairs_of(bfloat16_cell<mixed>(values[0]));
    for (std::size_t n = 0; n < lanes<mixed>; ++n)
        CHECK(value_of(pairs[n / 2], n % 2) == rounded_to_bfloat16(lane(values, n)[0]));
}

TEST_CASE("bfloat16: multiply_add adds both products") {
    const auto values = random_lanes<mixed>(5, 1);
    const aligned_vector<mixed> sum{multiply_add(bfloat16_pairs<mixed>(values[0], values[1]),
                                                 bfloat16_pairs<mixed>(values[2], values[3]), values[4])};
    for (std::size_t n = 0; n < lanes<mixed>; ++n) {
        const auto x = operands(lane(values, n), true);
        CHECK(std::abs(lane(sum, n)[0] - (lane(values, n)[4] + x[0] * x[2] + x[1] * x[3])) < 1e-6);
    }
}

TEST_CASE("bfloat16: load_first and store_first touch what they are told") {
    const auto values = random_values<float>(lanes<mixed>, 1);
    const bfloat16_pair untouched{0x12345678};
    for (std::size_t count = 0; count <= lanes<mixed>; ++count) {
        const aligned_vector<mixed> loaded{load_first<mixed>(values.data(), count)};
        std::array<bfloat16_pair, lanes<mixed> + 1> all, half;
        all.fill(untouched);
        half.fill(untouched);
        store_first(bfloat16_pairs<mixed>(mixed(1.f), mixed(1.f)), count, all.data());
        store_first(bfloat16_cell<mixed>(mixed(1.f)), count / 2, half.data());
        for (std::size_t i = 0; i < lanes<mixed>; ++i) {
            CHECK(lane(loaded, i)[0] == (i < count ? values[i] : 0.f));
            CHECK((all[i].bits == untouched.bits) == (i >= count));
            CHECK((half[i].bits == untouched.bits) == (i >= count / 2));
        }
    }
}

#else

static_assert(std::is_same_v<mixed, pack<float>> && !rounds_products<mixed>);

#endif
