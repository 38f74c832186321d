#include "strata/layers/activation.hpp"
#include "strata/layers/conv2d.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/pooling2d.hpp"
#include "strata/layers/reshape.hpp"
#include "strata/losses/crossentropy.hpp"
#include "strata/metrics/accuracy.hpp"
#include "strata/model/sequential.hpp"
#include "strata/optimizers/adam.hpp"
#include "strata/training/trainer.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <vector>

using namespace strata::authoring;

namespace {

// 30 layers, no two with the same shapes, so that each one is compiled.
using deep = Sequential<
    Input<32, 32, 3>, Conv2D<4, Same, ReLU>, Conv2D<5, Same, Tanh>, Conv2D<6, ReLU>, MaxPooling2D<>,      // 15 x 15 x 6
    Conv2D<7, Same, ReLU>, Conv2D<8, Same, ELU>, Conv2D<9, ReLU>, AveragePooling2D<Pool<3>, Strides<2>>,  // 6 x 6 x 9
    Conv2D<10, Same, ReLU>, Conv2D<11, Same, GELU>, Conv2D<12, Groups<1>, ReLU>, MaxPooling2D<Same>,      // 2 x 2 x 12
    Conv2D<13, Kernel<2>, Same, ReLU>, Conv2D<14, Kernel<1>, Sigmoid>, Conv2D<15, Kernel<2>>, Tanh,       // 1 x 1 x 15
    Permute<3, 1, 2>, Flatten, Dense<64, ReLU>, Dense<63, Tanh>, Dense<62>, ELU, Reshape<31, 2>, Dense<3, Tanh>,
    Flatten, Dense<40, ReLU>, Dense<30>, Sigmoid, Dense<20, GELU>, Dense<10, Softmax>>;

}  // namespace

TEST_CASE("a network of 30 layers compiles, and training reaches every parameter of it") {
    deep model(1);
    CHECK(model.summary_rows().size() == 30);
    static_assert(std::is_same_v<deep::output, shape<10>>);
    auto x = tensor<float, 4>::from_shape({10, 32, 32, 3});
    auto y = tensor<int, 1>::from_shape({10});
    random_stream random(1, 0);
    for (auto& value : x) value = static_cast<float>(random.symmetric(1));
    for (std::size_t i = 0; i < 10; ++i) y(i) = static_cast<int>(i % 3);
    auto training = compile(model, Adam{.learning_rate = 0.003}, SparseCategoricalCrossentropy{}, Accuracy{});
    const double before = training.evaluate(x, y, {.verbose = 0})[0];
    const std::vector<float> start(model.parameters().begin(), model.parameters().end());
    training.fit(x, y, {.epochs = 5, .verbose = 0});
    CHECK(training.evaluate(x, y, {.verbose = 0})[0] < before);
    for (const auto& entry : model.value_table()) {
        INFO(entry.name);
        const auto values = model.parameters().subspan(entry.offset, entry.size);
        CHECK_FALSE(std::equal(values.begin(), values.end(), start.begin() + std::ptrdiff_t(entry.offset)));
    }
}
