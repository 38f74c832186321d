#include "strata/core/samples.hpp"

#include "strata/core/shape.hpp"
#include "strata/simd/memory.hpp"
#include "support/catch.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

using namespace strata::authoring;

namespace {

/// Row n holds 5 n, 5 n + 1, 5 n + 2, ...
template <class E> tensor<E, 2> table(std::size_t rows, std::size_t columns = 3) {
    tensor<E, 2> values(std::array<std::size_t, 2>{rows, columns});
    for (std::size_t n = 0; n < rows; ++n) {
        for (std::size_t i = 0; i < columns; ++i) values(n, i) = static_cast<E>(5 * n + i);
    }
    return values;
}

}  // namespace

TEMPLATE_TEST_CASE("load_samples puts each row into a lane", "", float, double, pack<float>, pack<double>) {
    using V = TestType;
    using T = scalar_t<V>;
    constexpr std::size_t L = lanes<V>;
    const auto check = [](const auto& values, const std::vector<std::size_t>& rows, T scale) {
        const std::size_t size = values.shape(1);
        aligned_vector<V> cells(size, V(T(-1)));
        load_samples(array_ref(values), size, rows, scale, cells.data());
        for (std::size_t i = 0; i < size; ++i) {
            for (std::size_t n = 0; n < L; ++n) {
                const std::size_t row = rows[std::min(n, rows.size() - 1)];  // lanes without a row repeat the last one
                REQUIRE(as_lanes(cells.data())[i * L + n] == static_cast<T>(5 * row + i) * scale);
            }
        }
    };
    std::vector<std::size_t> rows(L);
    std::iota(rows.begin(), rows.end(), std::size_t{4});
    check(table<float>(24), rows, T(1));
    check(table<double>(24), rows, T(0.5));
    check(table<std::uint8_t>(24), rows, T(1) / T(255));
    check(table<std::int32_t>(24), rows, T(1));
    check(table<std::int64_t>(24), rows, T(1));
    check(table<std::uint8_t>(24, 2 * L + 3), rows, T(0.5));  // more values than lanes
    check(table<std::int32_t>(24, 300), rows, T(0.5));        // more than are laid out at once
    check(table<float>(24), {23}, T(1));
    std::reverse(rows.begin(), rows.end());
    rows.pop_back();
    if (!rows.empty()) check(table<float>(24), rows, T(2));
}

TEST_CASE("require_samples names both shapes") {
    const auto values = table<float>(5);
    CHECK_NOTHROW(require_samples<shape<3>>(values, "fit: inputs"));
    CHECK_NOTHROW(require_samples<shape<3>>(tensor<float, 2>({0, 3}), "fit: inputs"));
    CHECK_THROWS_AS((require_samples<shape<4>>(values, "x")), shape_error);
    CHECK_THROWS_WITH((require_samples<shape<4>>(values, "fit: inputs")),
                      "fit: inputs: an array of shape (N, 4) is needed, (5, 3) was given");
    CHECK_THROWS_WITH((require_samples<shape<>>(values, "fit: targets")),
                      "fit: targets: an array of shape (N,) is needed, (5, 3) was given");
    CHECK_THROWS_WITH((require_samples<shape<3, 1>>(values, "x")),
                      "x: an array of shape (N, 3, 1) is needed, (5, 3) was given; its values are as many: reshape it");
    CHECK_THROWS_WITH((require_samples<shape<4, 5, 3>>(tensor<float, 4>({2, 3, 4, 5}), "x")),
                      "x: an array of shape (N, 4, 5, 3) is needed, (2, 3, 4, 5) was given; its axes are in another "
                      "order, the channels come last: transpose it, or let the network begin with Permute");
    CHECK_THROWS_WITH((require_samples<shape<3>>(array_ref{}, "x")),
                      "x: an array of shape (N, 3) is needed, none was given");
    CHECK_THROWS_WITH((require_samples<shape<5, 3>>(values, "x")),
                      "x: an array of shape (N, 5, 3) is needed, (5, 3) was given; is it a single sample? give it a "
                      "first axis of 1");
}
