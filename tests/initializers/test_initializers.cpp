#include "strata/initializers/initializers.hpp"

#include "strata/initializers/identity.hpp"
#include "strata/layers/conv2d.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/depthwise_conv2d.hpp"
#include "strata/layers/reshape.hpp"
#include "strata/layers/subsampling2d.hpp"
#include "strata/model/sequential.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <vector>

using namespace strata::authoring;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

using draw_function = double (*)(random_stream&, fans);

/// An initializer, and the distribution that it must have. Its values lie in [low, high], all of which they fill.
struct expectation {
    const char* name;
    draw_function draw;
    double mean;
    double deviation;
    double low;
    double high;
};

expectation uniform(const char* name, draw_function draw, double low, double high) {
    return {name, draw, (low + high) / 2, (high - low) / std::sqrt(12.0), low, high};
}

expectation centred(const char* name, draw_function draw, double limit) { return uniform(name, draw, -limit, limit); }

/// What is left of a normal distribution of deviation 1 that is cut at -2 and 2: 1 - 4 phi(2) / (2 Phi(2) - 1) is its
/// variance.
const double left_of_one =
    std::sqrt(1 - 4 * std::exp(-2.0) / std::sqrt(2 * std::numbers::pi) / std::erf(std::sqrt(2.0)));

/// Cut at two standard deviations `stddev`, of which less is left.
expectation cut(const char* name, draw_function draw, double mean, double stddev) {
    return {name, draw, mean, stddev * left_of_one, mean - 2 * stddev, mean + 2 * stddev};
}

/// Cut at two standard deviations, with the deviation that is left.
expectation truncated(const char* name, draw_function draw, double deviation) {
    return cut(name, draw, 0, deviation / left_of_one);
}

/// Not cut; of so many draws some lie beyond 3.5 deviations.
expectation normal(const char* name, draw_function draw, double mean, double deviation) {
    return {name, draw, mean, deviation, -infinity, infinity};
}

/// Draws many values. What is allowed for the moments is more than four standard errors of any of the distributions:
/// 1 / sqrt(n) = 0.0022 deviations for the mean, 0.0016 of the deviation itself, sqrt(6 / n) = 0.0055 for the skewness.
void check(const expectation& expected, fans fan) {
    INFO(expected.name << ", fans " << fan.in << " and " << fan.out);
    constexpr std::size_t count = 200000;
    random_stream random(3, 0);
    double sum = 0, squares = 0, cubes = 0, low = infinity, high = -infinity;
    for (std::size_t i = 0; i < count; ++i) {
        const double x = expected.draw(random, fan), z = (x - expected.mean) / expected.deviation;
        sum += z;
        squares += z * z;
        cubes += z * z * z;
        low = std::min(low, x);
        high = std::max(high, x);
    }
    const double n = static_cast<double>(count);
    CHECK(sum / n == Approx(0).margin(0.01));
    CHECK(squares / n == Approx(1).epsilon(0.014));
    CHECK(cubes / n == Approx(0).margin(0.04));
    CHECK(low >= expected.low);
    CHECK(high <= expected.high);
    const auto reach = [&](double bound) {
        return std::isfinite(bound) ? 0.99 * std::abs(bound - expected.mean) : 3.5 * expected.deviation;
    };
    CHECK(low < expected.mean - reach(expected.low));
    CHECK(high > expected.mean + reach(expected.high));
}

/// The initializers that scale by the fans, as the formulas of Keras' documentation say for these.
std::vector<expectation> scaled_by(double in, double out) {
    using enum FanMode;
    return {
        centred("GlorotUniform", GlorotUniform::draw, std::sqrt(6 / (in + out))),
        centred("HeUniform", HeUniform::draw, std::sqrt(6 / in)),
        centred("LecunUniform", LecunUniform::draw, std::sqrt(3 / in)),
        truncated("GlorotNormal", GlorotNormal::draw, std::sqrt(2 / (in + out))),
        truncated("HeNormal", HeNormal::draw, std::sqrt(2 / in)),
        truncated("LecunNormal", LecunNormal::draw, std::sqrt(1 / in)),
        truncated("VarianceScaling", VarianceScaling<>::draw, std::sqrt(1 / in)),
        truncated("VarianceScaling of outputs", VarianceScaling<0.1, fan_out>::draw, std::sqrt(0.1 / out)),
        normal("VarianceScaling, not cut", VarianceScaling<3, fan_in, Distribution::untruncated_normal>::draw, 0,
               std::sqrt(3 / in)),
        centred("FanInUniform", FanInUniform<2.4>::draw, 2.4 / in),
        centred("FanInUniform of a root", FanInUniform<2.4, 0.5>::draw, 2.4 / std::sqrt(in)),
        centred("VarianceScaling, uniform", VarianceScaling<3, fan_out, Distribution::uniform>::draw,
                std::sqrt(9 / out)),
    };
}

/// The only stage of a layer behind an input.
template <class In, class Layer> using stage_of = typename Layer::template on<typename In::output>;

template <class Stage> void check_fans(double in, double out, double limit) {
    const parameter& kernel = Stage::parameters[0];
    CHECK(kernel.fan.in == in);
    CHECK(kernel.fan.out == out);
    CHECK(std::sqrt(6 / (kernel.fan.in + kernel.fan.out)) == Approx(limit).margin(5e-7));
}

using LeNet5 = Sequential<Input<28, 28, 1>, Conv2D<6, Kernel<5>, Same, Tanh>, Conv2D<16, Kernel<5>>, Flatten>;

}  // namespace

TEST_CASE("Zeros, Ones and Constant are constant") {
    random_stream random(0, 0);
    CHECK(Zeros::draw(random, {3, 4}) == 0);
    CHECK(Ones::draw(random, {3, 4}) == 1);
    CHECK(Constant<>::draw(random, {3, 4}) == 0);
    CHECK(Constant<-0.1>::draw(random, {3, 4}) == -0.1);
}

TEST_CASE("initializers that scale by the fans have the moments and bounds of Keras'") {
    const fans dense = stage_of<Input<400>, Dense<120>>::parameters[0].fan;
    for (const expectation& each : scaled_by(400, 120)) check(each, dense);
    // A convolution's taps all count: 5 x 5 x 6 inputs, and an input reaches 5 x 5 x 16 outputs.
    const fans convolution = stage_of<Input<14, 14, 6>, Conv2D<16, Kernel<5>>>::parameters[0].fan;
    for (const expectation& each : scaled_by(150, 400)) check(each, convolution);
}

TEST_CASE("initializers of fixed scale have the moments and bounds of Keras', whatever the layer") {
    const expectation fixed[] = {
        normal("RandomNormal", RandomNormal::draw, 0, 0.05),
        normal("RandomNormal with settings", RandomNormal::With<Stddev<2>, Mean<-1>>::draw, -1, 2),
        cut("TruncatedNormal", TruncatedNormal::draw, 0, 0.05),
        cut("TruncatedNormal with settings", TruncatedNormal::With<Stddev<2>, Mean<-1>>::draw, -1, 2),
        uniform("RandomUniform", RandomUniform::draw, -0.05, 0.05),
        uniform("RandomUniform with settings", RandomUniform::With<Minval<1>, Maxval<3>>::draw, 1, 3),
    };
    for (const expectation& each : fixed) check(each, {50, 1000});
}

TEST_CASE("fewer than one input or output count as one") {
    random_stream one(1, 0), less(1, 0);
    CHECK(HeNormal::draw(less, {0, 0}) == HeNormal::draw(one, {1, 1}));
    CHECK(GlorotUniform::draw(less, {0, 0}) == GlorotUniform::draw(one, {1, 1}));
}

TEST_CASE("fans are Keras'") {
    check_fans<stage_of<Input<28, 28, 1>, Conv2D<6, Kernel<5>>>>(25, 150, 0.185164);
    check_fans<stage_of<Input<14, 14, 6>, Conv2D<16, Kernel<5>>>>(150, 400, 0.104447);
    check_fans<stage_of<Input<28, 28, 1>, Conv2D<6>>>(9, 54, 0.308607);
    check_fans<stage_of<Input<14, 14, 6>, Conv2D<16>>>(54, 144, 0.174078);
    check_fans<stage_of<Input<400>, Dense<120>>>(400, 120, 0.107417);
    check_fans<stage_of<Input<576>, Dense<120>>>(576, 120, 0.092848);
    check_fans<stage_of<Input<120>, Dense<84>>>(120, 84, 0.171499);
    check_fans<stage_of<Input<84>, Dense<10>>>(84, 10, 0.252646);
    // Keras counts the kernel's own extents, of which one is the channels of a group.
    check_fans<stage_of<Input<8, 8, 4>, Conv2D<6, Groups<2>>>>(18, 54, std::sqrt(6.0 / 72));
}

TEST_CASE("the inputs of a unit are those of its kernel, for its bias, too") {
    const auto check_inputs = [](const auto& parameters, double inputs) {
        for (const parameter& each : parameters) CHECK(each.fan.unit == inputs);
    };
    check_inputs(stage_of<Input<400>, Dense<120>>::parameters, 400);
    check_inputs(stage_of<Input<14, 14, 6>, Conv2D<16, Kernel<5>>>::parameters, 150);
    check_inputs(stage_of<Input<8, 8, 4>, Conv2D<6, Groups<2>>>::parameters, 18);
    check_inputs(stage_of<Input<8, 8, 4>, DepthwiseConv2D<DepthMultiplier<2>>>::parameters, 9);
    check_inputs(stage_of<Input<8, 8, 4>, Subsampling2D<Pool<2, 3>>>::parameters, 6);
}

TEST_CASE("a model draws its kernels within their limits and its biases as zero") {
    const LeNet5 model(7);
    for (const parameter_entry& entry : model.value_table()) {
        INFO(entry.name);
        const auto values = model.parameters().subspan(entry.offset, entry.size);
        const auto [low, high] = std::minmax_element(values.begin(), values.end());
        if (entry.name.ends_with("bias")) {
            CHECK(*low == 0);
            CHECK(*high == 0);
        } else {
            const float limit = entry.name == "conv2d/kernel" ? 0.185165f : 0.104448f;
            CHECK(*high <= limit);
            CHECK(*high > 0.9f * limit);
            CHECK(*low >= -limit);
            CHECK(*low < -0.9f * limit);
        }
    }
}

TEST_CASE("an initializer can be chosen, also one of the program's own") {
    struct Ramp {
        static double draw(random_stream&, fans fan) { return fan.in; }
    };
    Sequential<Input<3>, Dense<2, KernelInitializer<Ones>, BiasInitializer<Ramp>>,
               Dense<1, KernelInitializer<Identity::With<Gain<3>>>, BiasInitializer<Constant<0.5>>>>
        model;
    const std::vector<float> values(model.parameters().begin(), model.parameters().end());
    // A row counts its own length as both of its fans, as in Keras.
    CHECK(values == std::vector<float>{1, 1, 1, 1, 1, 1, 2, 2, 3, 0, 0.5});
}

TEST_CASE("the same seed gives the same parameters on every compiler") {
    const LeNet5 zero, again(0), other(1);
    const LeNet5::with<double> precise;
    CHECK(std::equal(zero.parameters().begin(), zero.parameters().end(), again.parameters().begin()));
    CHECK_FALSE(std::equal(zero.parameters().begin(), zero.parameters().end(), other.parameters().begin()));
    for (std::size_t i = 0; i < precise.parameters().size(); ++i) {
        REQUIRE(zero.parameters()[i] == static_cast<float>(precise.parameters()[i]));
    }
    const std::vector<double> first(precise.parameters().begin(), precise.parameters().begin() + 3);
    CHECK(first == std::vector<double>{0.14091729902988315, 0.03906288819332096, -0.051071526820189665});
    CHECK(precise.parameters()[156] == 0.044479062867406903);  // another parameter, another stream

    Sequential<Input<2>, Dense<2, KernelInitializer<HeNormal>>>::with<double> he;
    CHECK(he.parameters()[0] == Approx(-1.8473351936555065).epsilon(1e-14));  // libm may differ in the last place
}
