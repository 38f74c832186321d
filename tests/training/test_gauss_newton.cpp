#include "strata/training/gauss_newton.hpp"

#include "strata/layers/activation.hpp"
#include "strata/layers/composites.hpp"
#include "strata/layers/conv2d.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/depthwise_conv2d.hpp"
#include "strata/layers/pooling2d.hpp"
#include "strata/layers/rescaling.hpp"
#include "strata/layers/reshape.hpp"
#include "strata/losses/crossentropy.hpp"
#include "strata/losses/regression.hpp"
#include "strata/model/sequential.hpp"
#include "strata/optimizers/sgd.hpp"
#include "strata/optimizers/stochastic_diagonal_lm.hpp"
#include "strata/training/gradients.hpp"
#include "strata/training/run_file.hpp"
#include "strata/training/trainer.hpp"

#include "support/catch.hpp"
#include "support/death.hpp"
#include "support/files.hpp"
#include "support/gauss_newton_check.hpp"
#include "support/lanes.hpp"
#include "support/xtensor.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

using namespace strata::authoring;

namespace {

template <class Layer, std::size_t... Extents> void check_layer() {
    test::check_gauss_newton<typename Layer::template on<shape<Extents...>>>(shape<Extents...>::size);
}

/// One unit a layer: then nothing is left out but the second derivatives of Tanh.
using SingleUnits =
    Sequential<Input<1>, Dense<1, Tanh>, Frozen<Dense<1, Tanh>>, Dense<1>, GELU, Dense<1>>::with<double>;

using Branches = Sequential<Input<1>, Dense<1>, Residual<Dense<1>>, Dense<1>>::with<double>;

using SmallConvNet =
    Sequential<Input<6, 6, 1>, Conv2D<3, Tanh>, MaxPooling2D<>, Flatten, Dense<3, Softmax>>::with<double>;

/// Room for squares of the widest activation, 4 * 4 * 3 cells, and for no gradient, which no layer reads.
using small_written = SmallConvNet::network::written;
static_assert(gauss_newton_pass<small_written, double>::cells ==
              network_pass<small_written, double>::cells + 4 * 4 * 3);

tensor<std::int32_t, 1> some_labels(std::size_t count) {
    tensor<std::int32_t, 1> y(std::array{count});
    for (std::size_t n = 0; n < count; ++n) y(n) = static_cast<std::int32_t>(n * n % 3);
    return y;
}

/// Convolutions whose second one has the form of Winograd and, where lanes are not too many, a joint weight gradient.
template <class T> struct deep_channels {
    static constexpr std::size_t side = 4, pixels = side * side, inputs = 2, channels = 96, classes = 3;
    using convolution = Conv2D<channels, Same, Tanh>;
    using model = typename Sequential<Input<side, side, inputs>, Conv2D<channels, Kernel<1>, Tanh>, convolution,
                                      Flatten, Dense<classes, Softmax>>::template with<T>;
    using stage = convolution::on<shape<side, side, channels>>;
    static_assert(has_joint_gradient<stage, pack<double>> && kernels::winograd_is_faster(stage::geometry));

    /// Adds f(pixel, pixel of the tap, tap) for each tap of each pixel that lies in the image.
    template <class F> static void for_each_tap(const F& f) {
        for (std::size_t p = 0; p < pixels; ++p) {
            for (std::size_t tap = 0; tap < 9; ++tap) {
                const std::size_t row = p / side + tap / 3, column = p % side + tap % 3;  // both by one too large
                if (row >= 1 && row <= side && column >= 1 && column <= side) f(p, (row - 1) * side + column - 1, tap);
            }
        }
    }

    std::vector<double> first, second, dense;  // the kernels

    explicit deep_channels(const model& of)
        : first{values(of.weights("conv2d/kernel").array())},
          second{values(of.weights("conv2d_1/kernel").array())},
          dense{values(of.weights("dense/kernel").array())} {}

    template <class Array> static std::vector<double> values(const Array& array) {
        return {array.begin(), array.end()};
    }

    /// Adds the second derivatives with respect to both kernels for one image, by plain loops. All biases are zero.
    void add(const double* x, std::vector<double>& of_first, std::vector<double>& of_second) const {
        std::vector<double> a(pixels * channels), b(a), of_a(a), of_b(a), p(classes);
        for (std::size_t k = 0; k < a.size(); ++k) {
            for (std::size_t i = 0; i < inputs; ++i)
                a[k] += x[k / channels * inputs + i] * first[i * channels + k % channels];
            a[k] = std::tanh(a[k]);
        }
        for_each_tap([&](std::size_t to, std::size_t from, std::size_t tap) {
            for (std::size_t i = 0; i < channels; ++i) {
                for (std::size_t o = 0; o < channels; ++o)
                    b[to * channels + o] += a[from * channels + i] * second[(tap * channels + i) * channels + o];
            }
        });
        for (double& value : b) value = std::tanh(value);
        for (std::size_t k = 0; k < b.size(); ++k) {
            for (std::size_t c = 0; c < classes; ++c) p[c] += b[k] * dense[k * classes + c];
        }
        double sum = 0;
        for (double& value : p) sum += value = std::exp(value);
        const auto slope = [](double y) { return 1 - y * y; };
        const auto square = [](double value) { return value * value; };
        for (std::size_t k = 0; k < b.size(); ++k) {
            for (std::size_t c = 0; c < classes; ++c)
                of_b[k] += p[c] / sum * (1 - p[c] / sum) * square(dense[k * classes + c] * slope(b[k]));
        }
        for_each_tap([&](std::size_t to, std::size_t from, std::size_t tap) {
            for (std::size_t i = 0; i < channels; ++i) {
                for (std::size_t o = 0; o < channels; ++o) {
                    const std::size_t weight = (tap * channels + i) * channels + o;
                    of_second[weight] += of_b[to * channels + o] * square(a[from * channels + i]);
                    of_a[from * channels + i] += of_b[to * channels + o] * square(second[weight]);
                }
            }
        });
        for (std::size_t k = 0; k < a.size(); ++k) {
            for (std::size_t i = 0; i < inputs; ++i)
                of_first[i * channels + k % channels] += of_a[k] * square(slope(a[k]) * x[k / channels * inputs + i]);
        }
    }

    static void check(double tolerance) {
        const model network(2);
        const deep_channels loops(network);
        const std::size_t samples = lanes<pack<T>> + 1;
        tensor<T, 4> x(std::array<std::size_t, 4>{samples, side, side, inputs});
        const auto drawn = test::random_values(x.size(), 7);
        std::copy(drawn.begin(), drawn.end(), x.begin());
        std::vector<double> of_first(loops.first.size()), of_second(loops.second.size());
        for (std::size_t n = 0; n < samples; ++n) loops.add(drawn.data() + n * pixels * inputs, of_first, of_second);
        for (double& value : of_first) value /= static_cast<double>(samples);
        for (double& value : of_second) value /= static_cast<double>(samples);

        const auto h = gauss_newton_diagonal(network, SparseCategoricalCrossentropy{}, x, some_labels(samples));
        CHECK(test::relative_error(values(h["conv2d/kernel"]), of_first) <= tolerance);
        CHECK(test::relative_error(values(h["conv2d_1/kernel"]), of_second) <= tolerance);
    }
};

/// A regression whose inputs have different scales, so that one learning rate for all is too large for some weights
/// and too small for others.
using Regression = Sequential<Input<4>, Dense<1, Tanh>>::with<double>;

struct regression_data {
    static constexpr std::size_t count = 40;
    tensor<double, 2> x = xt::zeros<double>({count, std::size_t{4}}), y = xt::zeros<double>({count, std::size_t{1}});

    regression_data() {
        const auto drawn = test::random_values(x.size(), 9);
        for (std::size_t n = 0; n < count; ++n) {
            for (std::size_t i = 0; i < 4; ++i) {
                const double value = drawn[n * 4 + i];
                x(n, i) = value * std::pow(0.3, i);
                y(n, 0) += value;
            }
            y(n, 0) = std::tanh(y(n, 0));
        }
    }

    // As a source of samples.
    std::size_t samples() const { return count; }
    void read(std::size_t sample, std::span<double> to_x, std::span<double> to_y) const {
        std::copy_n(x.data() + 4 * sample, 4, to_x.begin());
        to_y[0] = y(sample, 0);
    }
};

tensor<double, 4> random_images(std::size_t count) {
    tensor<double, 4> x(std::array<std::size_t, 4>{count, 6, 6, 1});
    const auto drawn = test::random_values(x.size(), 7);
    std::copy(drawn.begin(), drawn.end(), x.begin());
    return x;
}

}  // namespace

TEST_CASE("layers take second derivatives back by the squares of their derivatives") {
    check_layer<Dense<3, Tanh>, 4, 2>();
    check_layer<Conv2D<4, Same, Tanh>, 5, 4, 2>();
    check_layer<DepthwiseConv2D<Strides<2>, NoBias>, 5, 5, 2>();
    check_layer<MaxPooling2D<Pool<3>, Strides<1>>, 4, 5, 2>();
    check_layer<AveragePooling2D<>, 4, 5, 2>();
    check_layer<Permute<2, 1>, 3, 2>();
    check_layer<Rescaling<-2, 1>, 5>();
    check_layer<Sigmoid, 5>();
    check_layer<GELU, 5>();
}
static_assert(!has_gauss_newton<AveragePooling2D<Same>::on<shape<3, 3, 1>>, double>);

TEST_CASE("in a chain of single units the diagonal is the square of derivatives, and the mean over the samples") {
    const SingleUnits model(3);
    const std::size_t samples = lanes<pack<double>> + 1;
    tensor<double, 2> x(std::array{samples, std::size_t{1}}), y(x.shape(), 0.3);
    for (std::size_t n = 0; n < samples; ++n) x(n, 0) = 0.4 * static_cast<double>(n) - 0.7;
    const auto found = gauss_newton_diagonal(model, MeanSquaredError{}, x, y);
    CHECK(found.names() == std::vector<std::string>{"dense/kernel", "dense/bias", "dense_2/kernel", "dense_2/bias",
                                                    "dense_3/kernel", "dense_3/bias"});
    const tensor<double, 2> outputs = model.predict(x);
    for (const std::string& name : found.names()) {
        INFO(name);
        double expected = 0;
        for (std::size_t n = 0; n < samples; ++n) {
            const tensor<double, 2> one_x({1, 1}, x(n, 0)), one_y({1, 1}, y(n, 0));
            const double slope =
                gradients(model, MeanSquaredError{}, one_x, one_y)[name].flat(0) / (2 * (outputs(n, 0) - y(n, 0)));
            expected += 2 * slope * slope / static_cast<double>(samples);
        }
        CHECK(found[name].flat(0) == Approx(expected).epsilon(1e-10));
    }
}

TEST_CASE("a sum hands second derivatives on to its branches, which add up where they part") {
    Branches model(3);
    const auto weight = [&](const char* name) { return model.weights(name).data()[0]; };
    const tensor<double, 2> x{{0.5}, {-2}}, y{{1}, {1}};
    const auto h = gauss_newton_diagonal(model, MeanSquaredError{}, x, y);
    const double of_sum = 2 * std::pow(weight("dense_2/kernel"), 2);
    CHECK(h["dense_1/bias"].flat(0) == Approx(of_sum).epsilon(1e-12));
    const double both = of_sum * (1 + std::pow(weight("dense_1/kernel"), 2));
    CHECK(h["dense/kernel"].flat(0) == Approx(both * (0.25 + 4) / 2).epsilon(1e-12));
}

TEST_CASE("the diagonal of a network's last layer is that of its logits, at any number of threads", "[threads]") {
    const SmallConvNet model(5);
    const std::size_t samples = 3 * lanes<pack<double>> + 1;
    const auto x = random_images(samples);
    const auto y = some_labels(samples);
    set_threads(1);
    const auto found = gauss_newton_diagonal(model, SparseCategoricalCrossentropy{}, x, y);
    set_threads(2);
    const auto again = gauss_newton_diagonal(model, SparseCategoricalCrossentropy{}, x, y);
    set_threads(0);
    for (const std::string& name : found.names()) CHECK((found[name] == again[name]));

    const tensor<double, 2> p = model.predict(x);
    for (std::size_t k = 0; k < 3; ++k) {
        double expected = 0;
        for (std::size_t n = 0; n < samples; ++n) expected += p(n, k) * (1 - p(n, k));
        CHECK(found["dense/bias"](k) == Approx(expected / static_cast<double>(samples)).epsilon(1e-10));
    }
    CHECK(xt::amin(found["conv2d/kernel"])() > 0);

    const auto one_hot = xt::eval(xt::cast<double>(xt::equal(xt::view(y, xt::all(), xt::newaxis()), xt::arange(3))));
    const auto same = gauss_newton_diagonal(model, CategoricalCrossentropy{}, x, one_hot);
    CHECK(test::relative_error(same["conv2d/kernel"], found["conv2d/kernel"]) <= 1e-12);
}

TEST_CASE("the diagonal of a cross-entropy of logits is that behind Softmax, and of probabilities there is none") {
    const Sequential<Input<2>, Dense<3, Softmax>>::with<double> model(5);
    Sequential<Input<2>, Dense<3>>::with<double> without_softmax(5);
    const tensor<double, 2> x{{0.5, -2}, {1, 0.3}};
    const auto y = some_labels(2);
    const auto expected = gauss_newton_diagonal(model, SparseCategoricalCrossentropy{}, x, y);
    const auto found = gauss_newton_diagonal(without_softmax, SparseCategoricalCrossentropy{.from_logits = true}, x, y);
    for (const std::string& name : found.names()) CHECK((found[name] == expected[name]));
    CHECK_THROWS_AS(gauss_newton_diagonal(without_softmax, SparseCategoricalCrossentropy{}, x, y), value_error);
    auto training = compile(without_softmax, StochasticDiagonalLM{}, SparseCategoricalCrossentropy{});
    CHECK_THROWS_AS(training.fit(x, y, {.verbose = 0}), value_error);
}

TEST_CASE("the diagonal of convolutions of many channels is that of plain loops") {
    deep_channels<double>::check(1e-12);
    deep_channels<float>::check(4e-6);
}

TEST_CASE("StochasticDiagonalLM divides the learning rate by mu + h, with h as it is before the epoch") {
    const regression_data data;
    Regression model(1);
    const auto h = gauss_newton_diagonal(model, MeanSquaredError{}, data.x, data.y);
    const auto g = gradients(model, MeanSquaredError{}, data.x, data.y);
    const tensor<double, 2> before = model.weights("dense/kernel").array();
    auto training = compile(model, StochasticDiagonalLM{.learning_rate = 0.1, .mu = 0.5}, MeanSquaredError{});
    CHECK(training.learning_rates() == std::array{0.2, 0.2});
    training.fit(data.x, data.y, {.batch_size = data.count, .verbose = 0});
    const tensor<double, 2> expected = before - 0.1 / (0.5 + h["dense/kernel"]) * g["dense/kernel"];
    CHECK(test::relative_error(tensor<double, 2>(model.weights("dense/kernel").array()), expected) <= 1e-12);

    const auto [smallest, largest] = training.learning_rates();
    CHECK(smallest == Approx(0.1 / (0.5 + h["dense/bias"](0))).epsilon(1e-12));
    CHECK(largest == Approx(0.1 / (0.5 + xt::amin(h["dense/kernel"])())).epsilon(1e-12));
    training.fit(data.x, data.y, {.batch_size = 10, .epochs = 50, .verbose = 0});
    CHECK(training.learning_rates()[1] <= 0.2);

    CHECK_THROWS_AS(compile(model, StochasticDiagonalLM{.mu = 0}, MeanSquaredError{}), value_error);
    CHECK_THROWS_AS(compile(model, StochasticDiagonalLM{.samples = 0}, MeanSquaredError{}), value_error);
}

TEST_CASE("with inputs of different scales StochasticDiagonalLM gets further than SGD at its best rate") {
    const regression_data data;
    const auto loss_after = [&](auto optimizer) {
        Regression model(1);
        auto training = compile(model, optimizer, MeanSquaredError{});
        return training.fit(data.x, data.y, {.batch_size = 4, .epochs = 10, .verbose = 0})["loss"].back();
    };
    const std::array rates{4.0, 2.0, 1.0, 0.7, 0.5, 0.35, 0.25, 0.12, 0.06};
    std::vector<double> of_sgd;
    for (const double rate : rates) of_sgd.push_back(loss_after(SGD{.learning_rate = rate}));
    const auto best = std::min_element(of_sgd.begin(), of_sgd.end());
    REQUIRE((best != of_sgd.begin() && best + 1 != of_sgd.end()));  // rates on both sides are worse
    const double found = loss_after(StochasticDiagonalLM{.learning_rate = 0.1, .mu = 0.001});
    INFO("SGD " << *best << ", StochasticDiagonalLM " << found);
    CHECK(found < *best / 2);
}

TEST_CASE("StochasticDiagonalLM estimates from a source what it does from arrays, and goes on with its diagonal") {
    const regression_data data;
    const StochasticDiagonalLM optimizer{.learning_rate = 0.05, .samples = 10};
    const auto values_after = [&](const auto& fit) {
        Regression model(1);
        auto training = compile(model, optimizer, MeanSquaredError{});
        fit(training);
        return std::vector<double>(model.values().begin(), model.values().end());
    };
    const test::temporary_folder folder;
    const fit_options options{.batch_size = 4, .epochs = 2, .verbose = 0};
    const auto expected = values_after([&](auto& training) { training.fit(data.x, data.y, options); });
    const auto of_source = values_after([&](auto& training) { training.fit(data, options); });
    CHECK(test::relative_error(of_source, expected) <= 1e-12);

    fit_options resumed = options;
    resumed.resume = (folder.path() / "run.safetensors").string();
    resumed.save_every = 5;
    CHECK_THROWS_AS(values_after([&](auto& training) { training.fit(data.x, data.y, resumed, test::DieAt{17}); }),
                    test::death);
    CHECK(values_after([&](auto& training) { training.fit(data.x, data.y, resumed); }) == expected);
}
