#include "strata/core/decimal.hpp"

#include "support/catch.hpp"

#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <string>
#include <utility>

using namespace strata::authoring;

namespace {

/// The number at the front of a text, and how many characters it has.
std::pair<double, std::ptrdiff_t> read(const std::string& text) {
    const auto [value, end] = detail::read_decimal(text.data(), text.data() + text.size());
    return {value, end == nullptr ? -1 : end - text.data()};
}

}  // namespace

TEST_CASE("read_decimal reads the nearest double") {
    for (const std::string text : {"0",
                                   "-0",
                                   "7",
                                   "-12.5",
                                   "3.",
                                   ".5",
                                   "+1.25",
                                   "1e3",
                                   "1E-3",
                                   "2.5e+2",
                                   "0.1",
                                   "123456789",
                                   "12345678.87654321",
                                   "9007199254740993",
                                   "0.30000000000000004",
                                   "1e22",
                                   "1e23",
                                   "8.5e-23",
                                   "1.7976931348623157e308",
                                   "4.9e-324",
                                   "2.2250738585072011e-308",
                                   "1e-400",
                                   "0e999999",
                                   "123456789012345678901234567890",
                                   "00000000000000000001.5",
                                   "0.00000000000000000000000000000123",
                                   "1e00000000000000000005",
                                   "18446744073709551617",
                                   "76005465115331769e-11"}) {
        INFO(text);
        const auto [value, length] = read(text);
        CHECK(length == static_cast<std::ptrdiff_t>(text.size()));
        CHECK(value == std::strtod(text.c_str(), nullptr));  // in the locale "C", which tests run in
        CHECK(std::signbit(value) == (text.front() == '-'));
    }
    CHECK(read("1e400").first == std::numeric_limits<double>::infinity());
    CHECK(read("1e18446744073709551616").first == std::numeric_limits<double>::infinity());
    CHECK(read("-1e400").first == -std::numeric_limits<double>::infinity());
    CHECK(read("0." + std::string(400, '0') + "1").first == 0);
    CHECK(read("0." + std::string(400, '0') + "1e402").first == 10);
}

TEST_CASE("read_decimal ends where the number does") {
    for (const auto& [text, length] : {std::pair<const char*, int>{"12,5", 2},
                                       {"1e", 1},
                                       {"1e+", 1},
                                       {"1.5.2", 3},
                                       {"0x10", 1},
                                       {"12345678;", 8},
                                       {"1-2", 1},
                                       {"", -1},
                                       {"-", -1},
                                       {".", -1},
                                       {"e5", -1},
                                       {"+-1", -1},
                                       {" 1", -1},
                                       {"inf", -1},
                                       {"nan", -1}}) {
        INFO(text);
        CHECK(read(text).second == length);
    }
    const std::string digits = "1234567890123456";
    for (std::size_t length = 1; length <= digits.size(); ++length) {  // eight at a time, and what is left
        CHECK(read(digits.substr(0, length) + "x--------").first == std::stod(digits.substr(0, length)));
        CHECK(read(digits.substr(0, length)).first == std::stod(digits.substr(0, length)));
        CHECK(read(digits.substr(0, length) + "\xb1-------").second == static_cast<std::ptrdiff_t>(length));
        CHECK(read(digits.substr(0, length) + "/-------").second == static_cast<std::ptrdiff_t>(length));
        CHECK(read(digits.substr(0, length) + ":-------").second == static_cast<std::ptrdiff_t>(length));
    }
}
