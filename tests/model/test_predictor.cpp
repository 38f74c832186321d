#include "strata/model/predictor.hpp"

#include "strata/layers/composites.hpp"
#include "strata/layers/conv2d.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/embedding.hpp"
#include "strata/layers/normalization/batch_normalization.hpp"
#include "strata/layers/reshape.hpp"
#include "strata/model/packed_weights.hpp"
#include "strata/model/sequential.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

using namespace strata::authoring;

namespace {

template <template <class...> class Model>
using network_of = Model<Input<4, 4, 1>, Conv2D<3, Kernel<3>, Same>, BatchNormalization<>,
                         Frozen<Conv2D<2, Kernel<3>, Tanh>>, Flatten, Dense<3, Softmax>>;
using Whole = network_of<Sequential>;
using Deployed = network_of<Predictor>;

}  // namespace

TEST_CASE("Predictor makes of a Sequential's values the same bits, of bytes and of doubles") {
    Whole model(7);
    auto values = model.values();
    for (std::size_t i = 0; i < values.size(); ++i)  // state that does something
        values[i] += 0.01f * static_cast<float>(i % 7);
    CHECK(Deployed::value_count == values.size());
    std::vector<float> constants(Deployed::array_size, std::numeric_limits<float>::quiet_NaN());
    std::copy(values.begin(), values.end(), constants.begin());

    Deployed::workspace memory;
    std::fill(std::begin(memory.cells), std::end(memory.cells), std::numeric_limits<float>::quiet_NaN());
    const auto compare = [&](const auto& x) {
        std::array<float, 3> expected{}, found{};
        model.predict(x.data(), expected.data());
        CHECK(Deployed::predict(constants.data(), x.data(), found.data(), memory));
        CHECK(found == expected);
        CHECK(found[0] != found[1]);
    };
    std::array<double, 16> numbers{};
    std::array<std::uint8_t, 16> bytes{};
    for (std::size_t i = 0; i < 16; ++i) {
        numbers[i] = 0.37 * static_cast<double>(i) - 2;
        bytes[i] = static_cast<std::uint8_t>(i * 17);
    }
    compare(numbers);
    compare(bytes);
}

TEST_CASE("Predictor refuses what is no index of an Embedding, and writes nothing") {
    using Words = Predictor<Input<2>, Embedding<3, 2>>;
    std::array<float, Words::array_size> values{1, 2, 3, 4, 5, 6};
    std::array<float, 4> y{};
    Words::workspace memory;
    for (const std::array<float, 2> x : {std::array{1.f, 3.f}, {-1.f, 0.f}, {0.5f, 1.f}}) {
        CHECK_FALSE(Words::predict(values.data(), x.data(), y.data(), memory));
        CHECK(y == std::array<float, 4>{});
    }
    const std::array<std::int32_t, 2> x{2, 0};
    CHECK(Words::predict(values.data(), x.data(), y.data(), memory));
    CHECK(y == std::array{5.f, 6.f, 1.f, 2.f});
}

TEST_CASE("packed weights of each type become floats, across the ends of blocks") {
    using namespace std::string_view_literals;
    // 1.5 = 0x3fc00000, -2 = 0xc0000000
    const std::array blocks{"\x00\x00\xc0\x3f\x00"sv, "\x00\x00\xc0\xc0\x3f\x00"sv, "\xc0\x01\xff\x7f\x81\x02\x00"sv};
    const std::array tensors{packed_tensor{packed_type::float32, 2}, packed_tensor{packed_type::bfloat16, 2},
                             packed_tensor{packed_type::int8, 4, 2, 1}, packed_tensor{packed_type::int8, 2, 1, 2}};
    const std::array scales{2.f, 0.5f, 3.f};
    std::array<float, 10> found{};
    unpack_weights(tensors, scales.data(), blocks, found.data());
    CHECK(found == std::array{1.5f, -2.f, 1.5f, -2.f, 2.f, -0.5f, 254.f, -63.5f, 6.f, 0.f});
}
