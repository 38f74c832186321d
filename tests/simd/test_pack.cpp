#include "strata/simd/pack.hpp"

#include "strata/simd/memory.hpp"
#include "support/catch.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

using namespace strata::authoring;

static_assert(lanes<double> == 1 && lanes<float> == 1);
static_assert(packs_for<double>(3) == 3 && packs_for<pack<float>>(0) == 0 && packs_for<pack<float>>(1) == 1);
static_assert(packs_for<pack<float>>(2 * lanes<pack<float>>) == 2);
static_assert(lanes<pack<float>> == 1 || packs_for<pack<float>>(lanes<pack<float>> + 1) == 2);
#ifdef STRATA_SCALAR
static_assert(lanes<pack<float>> == 1 && lanes<pack<mixed_bfloat16>> == 1);
#else
static_assert(lanes<pack<float>> == 2 * lanes<pack<double>>);
#endif
static_assert(sizeof(pack<float>) == lanes<pack<float>> * sizeof(float), "lanes lie next to each other");
static_assert(std::is_same_v<scalar_t<pack<float>>, float> && std::is_same_v<scalar_t<double>, double>);
static_assert(alignof(pack<float>) <= alignment && alignof(pack<double>) <= alignment);

namespace {

/// lane n holds first + n * step.
template <class V> V ramp(scalar_t<V> first, scalar_t<V> step) {
    std::array<scalar_t<V>, lanes<V>> values;
    for (std::size_t n = 0; n < lanes<V>; ++n) values[n] = first + step * static_cast<scalar_t<V>>(n);
    return load<V>(values.data());
}

template <class V> scalar_t<V> lane(const V& v, std::size_t n) {
    std::array<scalar_t<V>, lanes<V>> values;
    store<V>(v, values.data());
    return values[n];
}

}  // namespace

TEMPLATE_TEST_CASE("load and store take any address and touch only their lanes", "", float, double, pack<float>,
                   pack<double>) {
    using T = scalar_t<TestType>;
    constexpr std::size_t L = lanes<TestType>;
    std::array<T, 3 * L + 2> from{}, to{};
    for (std::size_t i = 0; i < from.size(); ++i) from[i] = static_cast<T>(i) + T(0.5);
    for (std::size_t shift = 0; shift <= L + 1; ++shift) {
        to.fill(T(-1));
        store<TestType>(load<TestType>(from.data() + shift), to.data() + shift);
        for (std::size_t i = 0; i < to.size(); ++i) {
            REQUIRE(to[i] == (i >= shift && i < shift + L ? from[i] : T(-1)));
        }
    }
}

TEMPLATE_TEST_CASE("store_non_temporal writes all lanes and nothing else", "", double, pack<float>, pack<double>,
                   pack<mixed_bfloat16>) {
    using T = scalar_t<TestType>;
    constexpr std::size_t L = lanes<TestType>;
    alignas(64) std::array<T, 3 * L> to;
    to.fill(T(-1));
    store_non_temporal(ramp<TestType>(T(2), T(1)), to.data() + L);
    for (std::size_t i = 0; i < to.size(); ++i)
        CHECK(to[i] == (i >= L && i < 2 * L ? T(2) + static_cast<T>(i - L) : T(-1)));
}

TEMPLATE_TEST_CASE("load_first and store_first touch the first lanes only", "", pack<float>, pack<double>) {
    using T = scalar_t<TestType>;
    constexpr std::size_t L = lanes<TestType>;
    for (std::size_t count = 0; count < L; ++count) {
        std::array<T, L + 1> from{}, to{};
        for (std::size_t i = 0; i < from.size(); ++i) from[i] = static_cast<T>(i) + T(0.5);
        to.fill(T(-1));
        const TestType first = load_first<TestType>(from.data() + 1, count);
        for (std::size_t n = 0; n < L; ++n) REQUIRE(lane(first, n) == (n < count ? from[n + 1] : T(0)));
        store_first<TestType>(load<TestType>(from.data() + 1), count, to.data());
        for (std::size_t i = 0; i < to.size(); ++i) REQUIRE(to[i] == (i < count ? from[i + 1] : T(-1)));
    }
}

TEMPLATE_TEST_CASE("multiply_add is a * b + c in every lane", "", float, double, pack<float>, pack<double>) {
    using T = scalar_t<TestType>;
    const TestType a = ramp<TestType>(T(1.25), T(0.5)), b = ramp<TestType>(T(-3), T(1)),
                   c = ramp<TestType>(T(100), T(-2));
    const TestType r = multiply_add(a, b, c);
    for (std::size_t n = 0; n < lanes<TestType>; ++n) CHECK(lane(r, n) == lane(a, n) * lane(b, n) + lane(c, n));
}

TEMPLATE_TEST_CASE("sum_lanes adds all lanes", "", float, double, pack<float>, pack<double>) {
    using T = scalar_t<TestType>;
    T expected = 0;
    for (std::size_t n = 0; n < lanes<TestType>; ++n) expected += T(3) + static_cast<T>(n);
    CHECK(sum_lanes(ramp<TestType>(T(3), T(1))) == expected);

    // A value in one lane alone counts, wherever it is.
    for (std::size_t only = 0; only < lanes<TestType>; ++only) {
        std::array<T, lanes<TestType>> values{};
        values[only] = T(7);
        CHECK(sum_lanes(load<TestType>(values.data())) == T(7));
    }
}

TEMPLATE_TEST_CASE("as_lanes puts lane n of cell i at i * lanes + n", "", float, double, pack<float>, pack<double>) {
    using T = scalar_t<TestType>;
    aligned_vector<TestType> cells;
    for (int i = 0; i < 3; ++i) cells.push_back(ramp<TestType>(T(100 * i), T(1)));
    const T* values = as_lanes(static_cast<const TestType*>(cells.data()));
    for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t n = 0; n < lanes<TestType>; ++n) {
            CHECK(values[i * lanes<TestType> + n] == static_cast<T>(100 * i + n));
        }
    }
    as_lanes(cells.data())[lanes<TestType>] = T(-5);
    CHECK(lane(cells[1], 0) == T(-5));
}

TEMPLATE_TEST_CASE("transpose exchanges rows and lanes", "", float, double, pack<float>, pack<double>) {
    using T = scalar_t<TestType>;
    constexpr std::size_t L = lanes<TestType>;
    TestType rows[L];
    for (std::size_t i = 0; i < L; ++i) rows[i] = ramp<TestType>(T(100 * i), T(1));
    transpose(rows);
    for (std::size_t i = 0; i < L; ++i) {
        for (std::size_t n = 0; n < L; ++n) CHECK(lane(rows[i], n) == T(100 * n + i));
    }
}

#if defined(__AVX512F__) && defined(STRATA_HAS_REGISTERS)
TEST_CASE("look_up takes of a register's lanes the ones that the lowest bits name") {
    using V = pack<float>;
    static_assert(has_lookup<V> && !has_lookup<pack<double>> && !has_lookup<float>);
    const V numbers = ramp<V>(100.f, 1.f);
    std::array<float, lanes<V>> at;
    for (std::size_t n = 0; n < lanes<V>; ++n)
        at[n] = std::bit_cast<float>(static_cast<std::uint32_t>(0x3f800000 + 48 + n * 5));
    const V found = look_up(numbers, load<V>(at.data()));
    for (std::size_t n = 0; n < lanes<V>; ++n) CHECK(lane(found, n) == 100.f + static_cast<float>(n * 5 % 16));
}
#endif

#ifdef STRATA_HAS_REGISTERS
TEST_CASE("shift_bits moves the bits of each lane up or down") {
    using V = pack<float>;
    const V x = ramp<V>(1.f, 0.5f);
    for (std::size_t n = 0; n < lanes<V>; ++n) {
        const auto bits = std::bit_cast<std::uint32_t>(lane(x, n));
        CHECK(std::bit_cast<std::uint32_t>(lane(shift_bits<3>(x), n)) == bits << 3);
        CHECK(std::bit_cast<std::uint32_t>(lane(shift_bits<-21>(x), n)) == bits >> 21);
    }
}
#endif
