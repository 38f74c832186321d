#include "strata/layers/connections.hpp"

#include "layers/layer_case.hpp"
#include "layers/layer_check.hpp"
#include "strata/layers/composites.hpp"
#include "strata/layers/conv1d.hpp"
#include "strata/layers/conv2d.hpp"
#include "strata/layers/pooling2d.hpp"
#include "support/gauss_newton_check.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

// Layer C3 of LeNet-5: six maps see three maps each, nine see four, one sees all; each map is seen by ten.
using lenet5_table = Connections<lenet5_connections>;
using c3 = stage_on<Input<14, 14, 6>, Conv2D<16, Kernel<5>, lenet5_table, KernelInitializer<FanInUniform<2.4>>,
                                             BiasInitializer<FanInUniform<2.4>>>>;
static_assert(total_size(c3::parameters) == 1516);
static_assert(c3::parameters[0].extents == std::array<std::size_t, parameter::max_rank>{5, 5, 60});
static_assert(std::is_same_v<c3::output, shape<10, 10, 16>>);
constexpr std::size_t channels_of_filter(std::size_t filter) { return filter < 6 ? 3 : filter < 15 ? 4 : 6; }
static_assert([] {
    for (std::size_t filter = 0; filter < 16; ++filter) {
        if (lenet5_table::channels_of(filter) != channels_of_filter(filter)) return false;
    }
    for (std::size_t channel = 0; channel < 6; ++channel) {
        if (lenet5_table::filters_of(channel) != 10) return false;
    }
    return true;
}());

constexpr bool three_to_two[3][2] = {{true, false}, {true, true}, {false, true}};
constexpr std::array<std::array<bool, 4>, 3> three_to_four{
    {{true, false, true, true}, {false, true, true, false}, {false, false, true, true}}};
constexpr bool four_to_two[4][2] = {{true, true}, {false, true}, {true, false}, {false, true}};

static_assert(stage_on<Input<9, 3>, Conv1D<2, Connections<three_to_two>>>::parameters[0].extents[1] == 4);

/// The values of random numbers, as double.
std::vector<double> numbers(std::size_t size, std::uint64_t seed) {
    const auto random = random_values(size, seed);
    return {random.begin(), random.end()};
}

}  // namespace

TEST_CASE("Connections: a filter sees its channels alone") {
    const batch_input in{.x = {1, 10, 100}, .dy = {1, 2}, .values = {2, 3, 5, 7, 0.5, -1}};
    const auto check = [](const batch_output& out) {
        CHECK(out.y == std::vector<double>{2 * 1 + 3 * 10 + 0.5, 5 * 10 + 7 * 100 - 1});
        CHECK(out.dx == std::vector<double>{2, 3 + 2 * 5, 2 * 7});
        CHECK(out.gradients == std::vector<double>{1, 10, 2 * 10, 2 * 100, 1, 2});
    };
    using network = strata::authoring::network<shape<1, 1, 3>, Conv2D<2, Kernel<1>, Connections<three_to_two>>>;
    check(run_batch<network, double>(in));
    check(run_batch<network, pack<float>>(in));
}

TEST_CASE("Connections: the same as a whole kernel with zeros, in packs and one by one") {
    using connected = network<shape<6, 7, 3>, Conv2D<4, Same, Connections<three_to_four>>>;
    using whole = network<shape<6, 7, 3>, Conv2D<4, Same>>;
    constexpr std::size_t taps = 9, count = 7, pairs = 12;
    batch_input in{.x = numbers(11 * 126, 1), .dy = numbers(11 * 168, 2), .values = numbers(taps * count + 4, 3)};
    const batch_output found = run_batch<connected, pack<float>>(in);
    const std::vector<double> one_by_one = predict_one_by_one<connected, pack<float>>(in.x, in.values);

    const auto place = [](std::size_t k) { return k / count * pairs + Connections<three_to_four>::pairs[k % count]; };
    std::vector<double> values(taps * pairs), gradients;
    for (std::size_t k = 0; k < taps * count; ++k) values[place(k)] = in.values[k];
    values.insert(values.end(), in.values.end() - 4, in.values.end());
    in.values = values;
    const batch_output expected = run_batch<whole, double>(in);
    for (std::size_t k = 0; k < taps * count; ++k) gradients.push_back(expected.gradients[place(k)]);
    gradients.insert(gradients.end(), expected.gradients.end() - 4, expected.gradients.end());

    CHECK(relative_error(found.y, expected.y) < 1e-6);
    CHECK(relative_error(one_by_one, expected.y) < 1e-6);
    CHECK(relative_error(found.dx, expected.dx) < 1e-6);
    CHECK(relative_error(found.gradients, gradients) < 1e-6);
}

TEST_CASE("Connections: the gradients are those of the result, also of a frozen layer and before a pool") {
    check_gradients<Input<5, 6, 3>, Conv2D<4, Kernel<2, 3>, Connections<three_to_four>, ScaledTanh>, AveragePooling2D<>,
                    Frozen<Conv2D<2, Kernel<2>, Connections<four_to_two>>>>();
}

TEST_CASE("Connections: second derivatives go back by the squares of derivatives") {
    check_gauss_newton<stage_on<Input<4, 5, 3>, Conv2D<4, Connections<three_to_four>, ScaledTanh>>>(60);
}

TEST_CASE("Connections: each filter has a fan in of its own, for its bias, too") {
    std::vector<double> kernel(25 * 60), bias(16);
    random_stream random(1, 0);
    const auto start = [&](const parameter& p, std::vector<double>& values) {
        p.start({values, p.shape(), p.fan, random});
    };
    start(c3::parameters[0], kernel);
    start(c3::parameters[1], bias);
    for (std::size_t filter = 0; filter < 16; ++filter) {
        const double limit = 2.4 / (25.0 * double(channels_of_filter(filter)));
        double largest = 0;
        for (std::size_t k = 0; k < kernel.size(); ++k) {
            if (lenet5_table::pairs[k % 60] % 16 == filter) largest = std::max(largest, std::abs(kernel[k]));
        }
        CHECK(largest < limit);
        CHECK(largest > 0.9 * limit);
        CHECK(std::abs(bias[filter]) < limit);
    }
    CHECK(*std::max_element(bias.begin(), bias.end()) > 0.01);
}
