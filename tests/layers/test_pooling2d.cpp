#include "strata/layers/pooling2d.hpp"

#include "layers/layer_check.hpp"
#include "support/catch.hpp"

#include <type_traits>

using namespace strata::authoring;
using test::check_gradients;
using test::output_of;

namespace {

static_assert(std::is_same_v<output_of<Input<28, 28, 6>, AveragePooling2D<>>, shape<14, 14, 6>>);
static_assert(std::is_same_v<output_of<Input<7, 9, 3>, MaxPooling2D<>>, shape<3, 4, 3>>);
static_assert(std::is_same_v<output_of<Input<7, 9, 3>, MaxPooling2D<Same>>, shape<4, 5, 3>>);
static_assert(std::is_same_v<output_of<Input<7, 9, 3>, MaxPooling2D<Pool<3, 2>>>, shape<2, 4, 3>>);
static_assert(std::is_same_v<output_of<Input<7, 9, 3>, AveragePooling2D<Strides<1>, Pool<3>, Same>>, shape<7, 9, 3>>);
static_assert(std::is_same_v<output_of<Input<5, 7, 3>, GlobalAveragePooling2D<>>, shape<3>>);
static_assert(std::is_same_v<output_of<Input<5, 7, 3>, GlobalMaxPooling2D<KeepDims>>, shape<1, 1, 3>>);
static_assert(MaxPooling2D<>::on<shape<4, 4, 1>>::parameters.empty());

}  // namespace

TEST_CASE("AveragePooling2D: the gradients are those of the result") {
    check_gradients<Input<4, 6, 2>, AveragePooling2D<Pool<2, 3>>>();
    check_gradients<Input<5, 7, 3>, AveragePooling2D<>>();
    check_gradients<Input<5, 7, 2>, AveragePooling2D<Pool<3>, Strides<2, 1>, Same>>();
    check_gradients<Input<5, 7, 3>, GlobalAveragePooling2D<>>();
}

TEST_CASE("MaxPooling2D: the gradients are those of the result") {
    check_gradients<Input<4, 6, 2>, MaxPooling2D<Pool<2, 3>>>();
    check_gradients<Input<5, 7, 3>, MaxPooling2D<>>();
    check_gradients<Input<5, 7, 2>, MaxPooling2D<Pool<3>, Strides<2, 1>, Same>>();
    check_gradients<Input<5, 7, 3>, GlobalMaxPooling2D<KeepDims>>();
}
