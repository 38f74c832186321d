#pragma once

/// Catch2, version 2 (Debian 12) or 3: tests include this file and use what both have. Besides the macros that is
/// `Approx`, `Catch::Matchers::WithinAbs`, `Catch::Matchers::WithinRel` and `contains` below.

#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_approx.hpp>
#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <catch2/matchers/catch_matchers_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif

#include <string>

namespace strata::authoring::test {

/// Matches a string with `part` in it: `CHECK_THROWS_WITH(model.load(path), contains("conv2d/kernel"))`.
inline auto contains(const std::string& part) {
#if __has_include(<catch2/catch_test_macros.hpp>)
    return Catch::Matchers::ContainsSubstring(part);
#else
    return Catch::Matchers::Contains(part);
#endif
}

}  // namespace strata::authoring::test
