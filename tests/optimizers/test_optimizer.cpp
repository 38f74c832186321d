#include "strata/optimizers/optimizer.hpp"

#include "support/catch.hpp"

#include <cstddef>

using namespace strata::authoring;

namespace {

struct AllSlots {
    static constexpr std::size_t slot_count = 2;
};

struct SomeSlots {
    static constexpr std::size_t slot_count = 3;
    std::size_t used = 1;
    std::size_t kept_slots() const { return used; }
};

struct OneOrMoreSlots : SomeSlots {
    static constexpr std::size_t least_slots = 1;
};

}  // namespace

TEST_CASE("an optimizer that does not say how many slots it uses uses all of them") {
    CHECK(kept_slots(AllSlots{}) == 2);
    CHECK(kept_slots(SomeSlots{}) == 1);
    CHECK(least_slots<AllSlots>() == 2);
    CHECK(least_slots<SomeSlots>() == 0);
    CHECK(least_slots<OneOrMoreSlots>() == 1);
}
