#include "strata/initializers/initializers.hpp"

#include "strata/layers/conv2d.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/reshape.hpp"
#include "strata/model/sequential.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

using namespace strata::authoring;

namespace {

struct moments {
    double mean = 0;
    double deviation = 0;
    double low = 0;
    double high = 0;
};

template <class Initializer> moments measure(fans fan, std::size_t count = 200000) {
    random_stream random(3, 0);
    moments m;
    double squares = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const double x = Initializer::draw(random, fan);
        m.mean += x / static_cast<double>(count);
        squares += x * x / static_cast<double>(count);
        m.low = std::min(m.low, x);
        m.high = std::max(m.high, x);
    }
    m.deviation = std::sqrt(squares - m.mean * m.mean);
    return m;
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

TEST_CASE("Zeros and Ones are constant") {
    random_stream random(0, 0);
    CHECK(Zeros::draw(random, {3, 4}) == 0);
    CHECK(Ones::draw(random, {3, 4}) == 1);
}

TEST_CASE("GlorotUniform fills the range of sqrt(6 / (in + out)) around zero") {
    const double limit = std::sqrt(6.0 / (400 + 120));
    const moments m = measure<GlorotUniform>({400, 120});
    CHECK(m.low >= -limit);
    CHECK(m.low < -0.999 * limit);
    CHECK(m.high < limit);
    CHECK(m.high > 0.999 * limit);
    CHECK(m.mean == Approx(0).margin(0.01 * limit));
    CHECK(m.deviation == Approx(limit / std::sqrt(3.0)).epsilon(0.01));
}

TEST_CASE("HeNormal is cut at two deviations and still has variance 2 / in") {
    const double deviation = std::sqrt(2.0 / 50);
    const double limit = 2 * deviation / 0.87962566103423978;
    const moments m = measure<HeNormal>({50, 1000});
    CHECK(m.low >= -limit);
    CHECK(m.low < -0.99 * limit);
    CHECK(m.high <= limit);
    CHECK(m.high > 0.99 * limit);
    CHECK(m.mean == Approx(0).margin(0.01 * deviation));
    CHECK(m.deviation == Approx(deviation).epsilon(0.01));
}

TEST_CASE("RandomNormal has deviation 0.05 whatever the layer, and is not cut") {
    const moments m = measure<RandomNormal>({50, 1000});
    CHECK(m.mean == Approx(0).margin(0.0005));
    CHECK(m.deviation == Approx(0.05).epsilon(0.01));
    CHECK(m.high > 3.5 * 0.05);
    CHECK(m.low < -3.5 * 0.05);
}

TEST_CASE("RandomUniform fills the range of 0.05 around zero, whatever the layer") {
    const moments m = measure<RandomUniform>({50, 1000});
    CHECK(m.low >= -0.05);
    CHECK(m.low < -0.999 * 0.05);
    CHECK(m.high < 0.05);
    CHECK(m.high > 0.999 * 0.05);
    CHECK(m.mean == Approx(0).margin(0.0005));
    CHECK(m.deviation == Approx(0.05 / std::sqrt(3.0)).epsilon(0.01));
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
    Sequential<Input<3>, Dense<2, KernelInitializer<Ones>, BiasInitializer<Ramp>>, Dense<1, KernelInitializer<Zeros>>>
        model;
    const std::vector<float> values(model.parameters().begin(), model.parameters().end());
    // A row counts its own length as both of its fans, as in Keras.
    CHECK(values == std::vector<float>{1, 1, 1, 1, 1, 1, 2, 2, 0, 0, 0});
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
