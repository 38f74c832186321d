#include "strata/core/type_text.hpp"

#include "strata/core/number.hpp"
#include "support/catch.hpp"

#include <cstddef>

using namespace strata::authoring;

namespace {

struct Plain {};
template <class...> struct List {};
template <number> struct Rate {};
template <std::size_t> struct Units {};
template <class...> struct basic_sequential {};
struct Outer {
    template <class...> struct With {};
};

}  // namespace

TEST_CASE("a type is written as its user wrote it") {
    CHECK(type_text<Plain>() == "Plain");
    CHECK(type_text<List<Plain, List<List<>>>>() == "List<Plain, List<List<>>>");
    CHECK(type_text<List<float, Units<28>>>() == "List<float, Units<28>>");
    CHECK(type_text<List<Rate<0.25>, Rate<-3>, Plain>>() == "List<Rate<0.25>, Rate<-3.0>, Plain>");
    CHECK(type_text<List<Outer::With<Rate<0.5>>, Outer>>() == "List<Outer::With<Rate<0.5>>, Outer>");
}

TEST_CASE("a model in single precision is written as a Sequential") {
    CHECK(model_text<basic_sequential<float, Plain, List<>>>() == "Sequential<Plain, List<>>");
    CHECK(model_text<basic_sequential<double, Plain>>() == "basic_sequential<double, Plain>");
}
