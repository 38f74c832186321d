#include "strata/core/tensor.hpp"

#include "support/catch.hpp"
#include "support/xtensor.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

using namespace strata::authoring;

namespace {

/// What an array_ref refers to: the values in row-major order, and the type and place that they are read from.
struct seen {
    std::vector<double> values;
    std::vector<std::size_t> shape;
    const void* at = nullptr;
    std::string type;
};

template <class T> std::string type_name() {
    return std::is_same_v<T, std::uint8_t>   ? "uint8"
           : std::is_same_v<T, std::int32_t> ? "int32"
           : std::is_same_v<T, std::int64_t> ? "int64"
           : std::is_same_v<T, float>        ? "float"
                                             : "double";
}

seen look(const array_ref& array) {
    seen result;
    result.shape.assign(array.shape().begin(), array.shape().end());
    array.visit([&]<class T>(const T* values) {
        result.values.assign(values, values + array.samples() * array.sample_size());
        result.at = values;
        result.type = type_name<T>();
    });
    return result;
}

/// 0, 1, 2, ... in row-major order.
template <class Array> Array counted(Array array) {
    double next = 0;
    for (auto at = array.template begin<xt::layout_type::row_major>();
         at != array.template end<xt::layout_type::row_major>(); ++at) {
        *at = static_cast<typename Array::value_type>(next++);
    }
    return array;
}

std::vector<double> count_to(std::size_t n) {
    std::vector<double> values;
    for (std::size_t i = 0; i < n; ++i) values.push_back(static_cast<double>(i));
    return values;
}

using matrix = xt::xtensor<float, 2>;
using extents = std::vector<std::size_t>;

matrix make_matrix() { return counted(matrix({3, 4})); }

}  // namespace

TEMPLATE_TEST_CASE("a container of a known type is referred to", "", std::uint8_t, std::int32_t, std::int64_t, float,
                   double) {
    auto array = counted(xt::xtensor<TestType, 3>({2, 3, 4}));
    const seen s = look(array);
    CHECK(s.values == count_to(24));
    CHECK(s.shape == extents{2, 3, 4});
    CHECK(s.at == array.data());
    CHECK(s.type == type_name<TestType>());

    const auto dynamic = counted(xt::xarray<TestType>(std::vector<std::size_t>{2, 3, 4}));
    const seen d = look(dynamic);
    CHECK(d.values == count_to(24));
    CHECK(d.at == dynamic.data());
    CHECK(d.type == type_name<TestType>());
}

TEMPLATE_TEST_CASE("other integers and bool are read as int64", "", bool, std::int8_t, std::uint16_t, std::int16_t,
                   std::uint32_t, std::uint64_t) {
    xt::xtensor<TestType, 1> array(std::array<std::size_t, 1>{3});
    array(0) = 0, array(1) = 1, array(2) = static_cast<TestType>(100);
    const seen s = look(array);
    CHECK(s.values == std::vector<double>{0, 1, std::is_same_v<TestType, bool> ? 1.0 : 100.0});
    CHECK(s.type == "int64");
}

TEST_CASE("column-major arrays and views are read in row-major order") {
    xt::xtensor<double, 2, xt::layout_type::column_major> columns =
        counted(xt::xtensor<double, 2, xt::layout_type::column_major>({3, 4}));
    CHECK(look(columns).values == count_to(12));
    xt::xarray<float, xt::layout_type::column_major> dynamic =
        counted(xt::xarray<float, xt::layout_type::column_major>(extents{2, 3, 4}));
    CHECK(look(dynamic).values == count_to(24));

    matrix m = make_matrix();
    CHECK(look(xt::transpose(m)).values == std::vector<double>{0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11});
    CHECK(look(xt::transpose(m)).shape == extents{4, 3});

    xt::xarray<float, xt::layout_type::dynamic> strided(extents{3, 4}, xt::layout_type::column_major);
    strided = m;
    CHECK(look(strided).values == count_to(12));
}

TEST_CASE("views are read as what they show") {
    matrix m = make_matrix();
    auto rows = xt::view(m, xt::range(1, 3));
    CHECK(look(rows).values == std::vector<double>{4, 5, 6, 7, 8, 9, 10, 11});
    CHECK(look(rows).shape == extents{2, 4});
    CHECK(look(rows).at == m.data() + 4);  // a run of rows is contiguous: no copy
    auto one = xt::view(m, 2);
    CHECK(look(one).values == std::vector<double>{8, 9, 10, 11});
    auto column = xt::view(m, xt::all(), 1);
    CHECK(look(column).values == std::vector<double>{1, 5, 9});
    auto columns = xt::view(m, xt::all(), xt::range(1, 3));
    CHECK(look(columns).values == std::vector<double>{1, 2, 5, 6, 9, 10});
    auto every_other = xt::view(m, xt::range(0, 3, 2));
    CHECK(look(every_other).values == std::vector<double>{0, 1, 2, 3, 8, 9, 10, 11});
    auto backwards = xt::view(m, xt::range(2, xt::placeholders::_, -1));
    CHECK(look(backwards).values == std::vector<double>{8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3});
    auto with_axis = xt::view(m, xt::all(), xt::all(), xt::newaxis());
    CHECK(look(with_axis).shape == extents{3, 4, 1});
    CHECK(look(with_axis).values == count_to(12));
    auto strided = xt::strided_view(m, {xt::all(), xt::range(0, 4, 3)});
    CHECK(look(strided).values == std::vector<double>{0, 3, 4, 7, 8, 11});
    auto picked = xt::index_view(m, std::vector<std::array<std::size_t, 2>>{{2, 3}, {0, 1}});
    CHECK(look(picked).values == std::vector<double>{11, 1});
    CHECK(look(xt::broadcast(xt::xtensor<float, 1>{1, 2}, {2, 2})).values == std::vector<double>{1, 2, 1, 2});

    xt::xtensor<float, 1> line = xt::arange<float>(0, 6);
    auto steps = xt::view(line, xt::range(0, 6, 2));
    CHECK(look(steps).values == std::vector<double>{0, 2, 4});
}

TEST_CASE("adapted memory is referred to") {
    std::vector<float> values{0, 1, 2, 3, 4, 5};
    auto adapted = xt::adapt(values, std::array<std::size_t, 2>{2, 3});
    CHECK(look(adapted).values == count_to(6));
    CHECK(look(adapted).at == values.data());

    double raw[4] = {0, 1, 2, 3};
    auto pointer = xt::adapt(&raw[0], 4, xt::no_ownership(), std::array<std::size_t, 1>{4});
    CHECK(look(pointer).values == count_to(4));
}

TEST_CASE("an expression is evaluated once, in its own type") {
    matrix m = make_matrix();
    const seen scaled = look(m / 2.0f);
    CHECK(scaled.values[3] == 1.5);
    CHECK(scaled.type == "float");
    CHECK(look(xt::cast<double>(m)).type == "double");
    xt::xtensor<std::uint8_t, 1> bytes{10, 20};
    CHECK(look(bytes / 255.0).type == "double");
    CHECK(look(xt::view(bytes, xt::range(0, 1))).type == "uint8");
    CHECK(look(xt::ones<float>({2, 2})).values == std::vector<double>{1, 1, 1, 1});
    CHECK(look(xt::arange<int>(0, 3)).values == count_to(3));

    int calls = 0;
    const auto counting = xt::vectorize([&calls](float x) { return ++calls, x; })(m);
    const array_ref once = counting;
    CHECK(look(once).values == count_to(12));
    CHECK(look(once).values == count_to(12));
    CHECK(calls == 12);
}

TEST_CASE("an array_ref of a temporary owns its values") {
    array_ref kept = make_matrix();
    const array_ref other = kept;  // shares them
    kept = make_matrix() + 100.0f;
    std::vector<matrix> reuse_the_memory(50, matrix({3, 4}));
    CHECK(look(other).values == count_to(12));
    CHECK(look(kept).values[0] == 100);

    array_ref from_view;
    {
        matrix m = make_matrix();
        from_view = xt::view(m, xt::range(1, 2)) * 1.0f;
    }
    CHECK(look(from_view).values == std::vector<double>{4, 5, 6, 7});
}

TEST_CASE("an argument of a call is referred to, even a temporary") {
    const auto place = [](const array_argument& array) { return look(array).at; };
    matrix m = make_matrix();
    CHECK(place(m) == m.data());
    CHECK(place(array_ref(m)) == m.data());
    CHECK(place(xt::view(m, xt::range(1, 3))) == m.data() + 4);
    CHECK(place(xt::adapt(m.data(), {3, 4})) == m.data());
    const auto sum = [](const array_argument& array) { return look(array).values[3]; };
    CHECK(sum(make_matrix()) == 3);
    CHECK(sum(make_matrix() * 2.0f) == 6);
    CHECK(sum(xt::transpose(m)) == 1);
}

TEST_CASE("an array that was moved from is refused") {
    matrix m = make_matrix();
    const matrix other = std::move(m);
    if (m.shape()[0] > 0) CHECK_THROWS_AS(array_ref(m), value_error);
    matrix empty({0, 4});
    CHECK(array_ref(empty).samples() == 0);
}

TEST_CASE("an array_ref of a container sees later changes") {
    matrix m = make_matrix();
    const array_ref reference = m;
    m(0, 0) = 42;
    CHECK(look(reference).values[0] == 42);
}

TEST_CASE("empty is not the same as without rows") {
    CHECK(array_ref{}.empty());
    CHECK(array_ref{}.samples() == 0);
    matrix none({0, 4});
    CHECK_FALSE(array_ref(none).empty());
    CHECK(array_ref(none).samples() == 0);
    CHECK(array_ref(none).sample_size() == 4);
    CHECK(array_ref(make_matrix()).samples() == 3);
}

TEST_CASE("8 axes are possible, 9 are not") {
    const xt::xarray<float> eight = xt::zeros<float>(extents(8, 1)), nine = xt::zeros<float>(extents(9, 1));
    CHECK(array_ref(eight).shape().size() == 8);
    CHECK_THROWS_AS(array_ref(nine), shape_error);
    CHECK_THROWS_WITH(array_ref(nine + 1.0f), test::contains("9 axes"));
}

TEST_CASE("shape_text writes shapes as Python does") {
    using list = std::array<std::size_t, 3>;
    CHECK(shape_text(list{60000, 28, 28}) == "(60000, 28, 28)");
    CHECK(shape_text(std::array<std::size_t, 1>{7}) == "(7,)");
    CHECK(shape_text({}) == "()");
    CHECK(shape_text(list{28, 28, 1}, "N") == "(N, 28, 28, 1)");
    CHECK(shape_text({}, "N") == "(N,)");
}
