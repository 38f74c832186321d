#include "strata/model/input.hpp"

#include "strata/layers/reshape.hpp"
#include "strata/model/network.hpp"
#include "support/catch.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace strata::authoring;
using test::contains;

namespace {

/// Takes values as they are: any, or with a Limit whole numbers below it.
template <std::size_t Limit = 0> struct Raw {
    static constexpr std::string_view class_name = "Raw";

    template <class In> struct on {
        using output = In;
        static constexpr auto parameters = no_parameters;
        static constexpr stage_needs needs{.raw_input = Limit == 0, .index_count = Limit};

        template <class V> static void forward(forward_context<V>) {}
        template <bool InputGradient, class V> static void backward(backward_context<V>) {}
    };
};

using plain = network<shape<3>, Flatten>;
using raw = network<shape<3>, Raw<>>;
using indices = network<shape<3>, Flatten, Raw<9>, Raw<5>>;

template <class T> tensor<T, 2> row(T a, T b, T c) {
    tensor<T, 2> x(std::array<std::size_t, 2>{1, 3});
    x(0, 0) = a, x(0, 1) = b, x(0, 2) = c;
    return x;
}

}  // namespace

TEST_CASE("bytes are scaled to the range from 0 to 1, nothing else is") {
    CHECK(scale_of_input<plain, float>(row<std::uint8_t>(0, 1, 2)) == 1.0 / 255);
    CHECK(scale_of_input<plain, float>(row<float>(0, 1, 2)) == 1);
    CHECK(scale_of_input<plain, float>(row<double>(0, 1, 2)) == 1);
    CHECK(scale_of_input<plain, float>(row<std::int32_t>(0, 1, 2)) == 1);
    CHECK(scale_of_input<plain, float>(row<std::int64_t>(0, 1, 2)) == 1);
}

TEST_CASE("bytes are taken as they are by a network whose first layer wants them so") {
    CHECK(scale_of_input<raw, float>(row<std::uint8_t>(0, 1, 2)) == 1);
    CHECK(scale_of_input<network<shape<3>, Reshape<1, 3>, Raw<>>, float>(row<std::uint8_t>(0, 1, 2)) == 1);
    CHECK(scale_of_input<indices, float>(row<std::uint8_t>(0, 1, 2)) == 1);
}

TEST_CASE("indices are whole numbers below the limit of the layer that reads the input") {
    CHECK(indices::index_count<float> == 9);
    CHECK_NOTHROW(require_input<indices, float>(row<int>(0, 8, 5), "fit"));
    CHECK_NOTHROW(require_input<indices, float>(row<float>(0, 8, 5), "fit"));
    CHECK_NOTHROW(require_input<plain, float>(row<float>(0.5, 9, -1), "fit"));
    CHECK_THROWS_WITH((require_input<indices, float>(row<int>(0, 9, 5), "fit")),
                      "fit: value 9 of sample 0 is not one of 0, ..., 8, the indices of the Embedding");
    for (const double wrong : {-1.0, 0.5, double(NAN), double(INFINITY)})
        CHECK_THROWS_AS((require_input<indices, float>(row<double>(0, wrong, 5), "fit")), value_error);
    CHECK_THROWS_AS((require_input<indices, float>(tensor<int, 2>(std::array<std::size_t, 2>{1, 4}), "fit")),
                    shape_error);
}
