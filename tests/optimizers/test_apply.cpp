#include "strata/optimizers/apply.hpp"

#include "strata/optimizers/adam.hpp"
#include "support/catch.hpp"

#include <cstddef>
#include <vector>

using namespace strata::authoring;

namespace {

/// Parameters, gradients and an optimizer's state; the parameters start `shift` values behind an aligned address.
template <class V> struct arenas {
    using T = scalar_t<V>;
    static constexpr std::size_t size = 4 * lanes<V> + 3;

    explicit arenas(std::size_t shift)
        : shift{shift}, values(shift + size), gradients(size), state(Adam::slot_count, size) {
        for (std::size_t i = 0; i < size; ++i) {
            values[shift + i] = static_cast<T>(i) / 8;
            gradients[i] = T(1.25) - static_cast<T>(i % 5) / 2;
        }
    }

    void apply(std::size_t begin, std::size_t end, bool non_temporal = false) {
        const Adam adam{.learning_rate = 0.1};
        apply_rule<V>(adam, adam.rule<V>(1), begin, end, gradients.data() + begin, state, values.data() + shift,
                      non_temporal);
    }

    bool operator==(const arenas& other) const { return values == other.values && state.values == other.state.values; }

    std::size_t shift;
    aligned_vector<T> values, gradients;
    optimizer_state<T> state;
};

}  // namespace

TEMPLATE_TEST_CASE("apply_rule takes any range of parameters, wherever they lie", "", double, pack<float>,
                   pack<double>) {
    using arenas = arenas<TestType>;
    for (const std::size_t shift : {0, 1, 3}) {
        for (std::size_t begin = 0; begin < arenas::size; ++begin) {
            for (std::size_t end = begin; end <= arenas::size; ++end) {
                arenas expected(shift), found(shift), non_temporal(shift);
                for (std::size_t i = begin; i < end; ++i) expected.apply(i, i + 1);
                found.apply(begin, end);
                non_temporal.apply(begin, end, true);
                REQUIRE(found == expected);
                REQUIRE(non_temporal == expected);
                REQUIRE((begin == end) == (found == arenas(shift)));
            }
        }
    }
}
