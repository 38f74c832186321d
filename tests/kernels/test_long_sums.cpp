#include "strata/simd/long_sums.hpp"

#include "strata/layers/activation.hpp"
#include "strata/layers/conv2d.hpp"
#include "strata/layers/masking.hpp"
#include "strata/layers/normalization/batch_normalization.hpp"
#include "strata/layers/normalization/group_normalization.hpp"
#include "strata/layers/normalization/layer_normalization.hpp"
#include "strata/layers/normalization/unit_normalization.hpp"
#include "strata/layers/pooling1d.hpp"
#include "strata/layers/pooling2d.hpp"
#include "strata/layers/prelu.hpp"
#include "strata/layers/repeat_vector.hpp"
#include "strata/layers/rescaling.hpp"
#include "strata/losses/binary_crossentropy.hpp"
#include "strata/losses/crossentropy.hpp"
#include "strata/losses/hinge.hpp"
#include "strata/losses/overlap.hpp"
#include "strata/losses/probabilistic.hpp"
#include "strata/losses/regression.hpp"
#include "strata/model/batch_run.hpp"
#include "strata/model/network.hpp"
#include "strata/model/one_sample_pass.hpp"
#include "support/catch.hpp"
#include "support/lanes.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

using namespace strata::authoring;

namespace {

constexpr double most = 1e-6;

/// Samples of a million positive cells: all the same, whose rounding errors agree in sign, or random ones.
std::vector<double> cells_of(std::size_t size, bool random, std::uint64_t seed = 1) {
    std::vector<double> cells(size, 0.1f);
    if (random) {
        const auto values = test::random_values(size, seed);
        std::transform(values.begin(), values.end(), cells.begin(), [](double v) { return std::abs(v); });
    }
    return cells;
}

struct result {
    batch_output in_float, in_double;
};

/// One sample through a network and back.
template <class Network> result run(bool random) {
    batch_input in;
    in.x = cells_of(Network::input::size, random);
    in.dy = cells_of(Network::output::size, random, 2);
    in.values.assign(Network::value_count, 0.75);
    return {run_batch<Network, float>(in), run_batch<Network, double>(in)};
}

template <class In, class... Layers> using network_of = network<typename In::output, Layers...>;

template <class Network> void check_outputs() {
    for (const bool random : {false, true}) {
        const auto [in_float, in_double] = run<Network>(random);
        CHECK(test::relative_error(in_float.y, in_double.y) < most);
        // The gradient of equal cells is zero but for rounding.
        if (random) CHECK(test::relative_error(in_float.dx, in_double.dx) < most);
    }
}

template <class Network> void check_gradients() {
    for (const bool random : {false, true}) {
        const auto [in_float, in_double] = run<Network>(random);
        CHECK(test::relative_error(in_float.gradients, in_double.gradients) < most);
        CHECK(test::relative_error(in_float.values, in_double.values) < most);
    }
}

}  // namespace

TEST_CASE("a sum of a million terms is right to the last digits, and a short one is a running sum") {
    using kernels::sum_of;
    CHECK(std::abs(sum_of<1'000'000>([](std::size_t) { return 0.1f; }) / (1e6 * 0.1f) - 1) < most);
    CHECK(std::abs(sum_of<16'000'000>([](std::size_t i) { return i % 2 == 0 ? 1.0f : 0.5f; }) / 12e6 - 1) < most);
    float running = 0;
    for (int i = 0; i < 1000; ++i) running += 0.1f;
    CHECK(sum_of<1000>([](std::size_t) { return 0.1f; }) == running);
}

TEST_CASE("means, norms and statistics of a million cells are exact", "[slow]") {
    check_outputs<network_of<Input<1000, 1000, 1>, GlobalAveragePooling2D<>>>();
    check_outputs<network_of<Input<1'000'000>, LayerNormalization<>>>();
    check_outputs<network_of<Input<1000, 500, 2>, GroupNormalization<Groups<2>>>>();
    check_outputs<network_of<Input<1'000'000>, UnitNormalization>>();
    check_outputs<network_of<Input<1'000'000>, Softmax>>();
    check_outputs<network_of<Input<1'000'000>, LogSoftmax>>();
    check_outputs<network_of<Input<1000, 1000, 1>, BatchNormalization<>>>();
    check_outputs<network_of<Input<1'000'000, 1>, Masking<>, GlobalAveragePooling1D<>>>();
}

TEST_CASE("gradients that are sums over a million cells are exact", "[slow]") {
    check_gradients<network_of<Input<1000, 1000, 1>, BatchNormalization<>, ReLU>>();
    check_gradients<network_of<Input<250'000, 4>, LayerNormalization<>>>();
    check_gradients<network_of<Input<1000, 1000, 1>, Rescaling<-1>, PReLU<SharedAxes<1, 2>>>>();
    check_outputs<network_of<Input<2>, RepeatVector<500'000>>>();
    using pooled = network_of<Input<1000, 1000, 1>, Conv2D<1, Kernel<1>>, AveragePooling2D<>>;
    using plain = network_of<Input<1000, 1000, 1>, Conv2D<1, Kernel<1>>>;
    for (const bool random : {false, true}) {
        const auto a = run<pooled>(random), b = run<plain>(random);
        CHECK(std::abs(a.in_float.gradients[1] / a.in_double.gradients[1] - 1) < most);  // the bias
        CHECK(std::abs(b.in_float.gradients[1] / b.in_double.gradients[1] - 1) < most);
    }
}

TEST_CASE("a single sample's mean over a large window is exact") {
    using windows = network_of<Input<1000, 1001, 1>, AveragePooling2D<Pool<1000>, Strides<1>>>;
    using pass = one_sample_pass<windows, pack<float>>;
    auto cells = test::unwritten_cells<float>(pass::cells);
    std::fill_n(cells.begin(), windows::input::size, 0.1f);
    const float* const y = pass::run(cells.data(), nullptr);
    CHECK(std::abs(y[0] / 0.1f - 1) < most);
    CHECK(std::abs(y[1] / 0.1f - 1) < most);
}

TEST_CASE("a single sample's softmax over a million classes is exact") {
    constexpr std::size_t size = 1'000'000;
    using pass = one_sample_pass<network_of<Input<size>, Softmax>, pack<float>>;
    auto cells = test::unwritten_cells<float>(pass::cells);
    const auto x = cells_of(size, true);
    double sum = 0;
    for (std::size_t i = 0; i < size; ++i) {
        cells[i] = static_cast<float>(x[i]);
        sum += std::exp(x[i]);
    }
    CHECK(std::abs(pass::run(cells.data(), nullptr)[7] / (std::exp(x[7]) / sum) - 1) < most);
}

TEST_CASE("losses over a million outputs are exact") {
    constexpr std::size_t size = 1'000'000;
    using output = shape<size>;
    const std::vector<float> y(size, 0.1f), none(size, 0.0f), share(size, 1e-6f);
    std::vector<float> dy(size);
    const double square = double(0.1f) * double(0.1f), distance = std::sqrt(square);
    const auto of = [&](const auto& loss, const std::vector<float>& target) {
        return double(loss.template value<output, false>(y.data(), target.data(), 1.0f, dy.data()));
    };
    CHECK(std::abs(of(MeanSquaredError{}, none) / square - 1) < most);
    CHECK(std::abs(of(BinaryCrossentropy{}, none) / -std::log(1 - distance) - 1) < most);
    CHECK(std::abs(of(CosineSimilarity{}, y) + 1) < most);
    CHECK(std::abs(of(Dice{}, y) - (1 - distance)) < most);
    CHECK(std::abs(of(KLDivergence{}, share) / (1e6 * 1e-6 * std::log(1e-6 / distance)) - 1) < most);
    const float of_pairs = CategoricalHinge{}.value<shape<size / 2, 2>, false>(y.data(), none.data(), 1.0f, dy.data());
    CHECK(std::abs(of_pairs / (1 + distance) - 1) < most);

    const float label = 7;
    const double uniform = std::log(1e6);
    const SparseCategoricalCrossentropy sparse;
    CHECK(std::abs(sparse.value<output, true>(y.data(), &label, 1.0f, dy.data()) / uniform - 1) < most);
    CHECK(std::abs(sparse.value<output, false>(y.data(), &label, 1.0f, dy.data()) / uniform - 1) < most);
    const CategoricalCrossentropy categorical;
    CHECK(std::abs(categorical.value<output, true>(y.data(), share.data(), 1.0f, dy.data()) / uniform - 1) < most);
    CHECK(std::abs(categorical.value<output, false>(y.data(), share.data(), 1.0f, dy.data()) / uniform - 1) < most);
}
