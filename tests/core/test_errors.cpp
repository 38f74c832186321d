#include "strata/core/errors.hpp"

#include "support/catch.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>

TEST_CASE("raise throws the error that was asked for, with its pieces for a message") {
    const std::string name = "labels";
    const auto refuse = [&] {
        strata::authoring::raise<strata::file_error>({name, ": extent ", std::uint8_t{10}, " found"});
    };
    CHECK_THROWS_AS(refuse(), strata::file_error);
    CHECK_THROWS_WITH(refuse(), "labels: extent 10 found");
    CHECK_THROWS_AS(strata::authoring::raise<strata::shape_error>({"rank"}), std::invalid_argument);
    CHECK_THROWS_AS(strata::authoring::raise<strata::value_error>({"seed"}), strata::value_error);
    CHECK_THROWS_AS(strata::authoring::raise<strata::training_error>({"loss"}), strata::training_error);
}
