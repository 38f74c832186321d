#include "strata/model/network.hpp"

#include "strata/model/gradient_check.hpp"
#include "support/catch.hpp"
#include "support/lanes.hpp"
#include "support/small_models.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

using namespace strata;

namespace {

template <class... Layers> using net = network<shape<4, 4, 2>, Layers...>;

// A hidden stage (GELU is not differentiable from its result), reshapes in every place, a Softmax in the middle.
using Mixed = net<Flatten, Dense<9, GELU>, Reshape<3, 3>, Softmax, Dense<2, Tanh>, Flatten>;
static_assert(Mixed::depth == 7);
static_assert(std::is_same_v<Mixed::output, shape<6>>);
static_assert(std::is_same_v<Mixed::shape_at<0>, shape<4, 4, 2>> && std::is_same_v<Mixed::shape_at<1>, shape<32>> &&
              std::is_same_v<Mixed::shape_at<4>, shape<3, 3>>);
static_assert(Mixed::layer_of<1> == 1 && Mixed::layer_of<2> == 1 && Mixed::layer_of<3> == 2);
static_assert(Mixed::parameter_count == 32 * 9 + 9 + 3 * 2 + 2);
static_assert(!Mixed::ends_with_softmax);

static_assert(net<Flatten, Dense<3, Softmax>>::ends_with_softmax);
static_assert(net<Flatten, Dense<3>, Softmax>::ends_with_softmax);
static_assert(!net<Flatten, Dense<3, Softmax>, Reshape<3, 1>>::ends_with_softmax);

// What needs no cells takes none: two reshapes change no size of a workspace.
static_assert(net<Flatten, Dense<3>>::training_cells<double> ==
              net<Flatten, Reshape<8, 4>, Flatten, Dense<3>>::training_cells<double>);
static_assert(net<Flatten, Dense<3>>::training_cells<double> == 32 + 3 + 2 * 32 + (32 + 3),
              "backward keeps the operands of the kernel's gradient in its scratch");
static_assert(net<Flatten, Dense<3>>::inference_cells<double> == 2 * 32);
static_assert(net<Flatten>::parameter_count == 0);

/// Doubles its input, by way of its scratch.
struct Detour {
    static constexpr std::string_view class_name = "Detour";
    template <class In> struct on {
        using output = In;
        static constexpr std::array<parameter, 0> parameters{};
        template <class V> static constexpr std::size_t scratch = In::size + lanes<V>;

        template <class V> static void forward(const V* x, const scalar_t<V>*, V* y, V* scratch) {
            std::fill_n(scratch, on::scratch<V>, V(scalar_t<V>(NAN)));
            for (std::size_t i = 0; i < In::size; ++i) scratch[i] = x[i] + x[i];
            std::copy_n(scratch, In::size, y);
        }
        template <bool, class V>
        static void backward(const V*, const V*, V* dy, const scalar_t<V>*, scalar_t<V>*, V* dx, V* scratch) {
            forward(dy, static_cast<const scalar_t<V>*>(nullptr), dx, scratch);
        }
    };
};

// One stage's scratch at a time: the largest counts.
using Detours = net<Detour, Flatten, Dense<40, ReLU>, Detour, Dense<3>>;
static_assert(net<Flatten, Detour>::training_cells<double> == net<Flatten>::training_cells<double> + 32 + 32 + 1);
static_assert(Detours::training_cells<double> ==
              net<Flatten, Dense<40, ReLU>, Dense<3>>::training_cells<double> + 32 + 40);
static_assert(Detours::inference_cells<pack<float>> == 2 * 40 + 40 + lanes<pack<float>>);

/// A convolution whose layer has a backward of its own: it doubles the gradient with respect to its parameters.
template <class Convolution> struct Doubling : Convolution {
    template <class In> struct on : Convolution::template on<In> {
        template <bool InputGradient, class V>
        static void backward(const V* x, const V* y, V* dy, const scalar_t<V>* p, scalar_t<V>* g, V* dx, V* scratch) {
            using base = typename Convolution::template on<In>;
            base::template backward<InputGradient>(x, y, dy, p, g, dx, scratch);
            for (std::size_t i = 0; i < total_size(base::parameters); ++i) g[i] *= 2;
        }
    };
};

// Windows that partition the image let a pool go back through the activation before it.
using Convolved = Conv2D<3, Tanh, Same>::on<shape<4, 4, 2>>;
template <class Pool, class Stage = Convolved>
constexpr bool fused = fuses_backward<Stage, typename Pool::template on<typename Stage::output>, double>;
static_assert(fused<AveragePooling2D<>> && fused<MaxPooling2D<>> && fused<GlobalAveragePooling2D<>>);
static_assert(!fused<AveragePooling2D<Strides<1>>> && !fused<MaxPooling2D<Pool<3>, Same>> && !fused<Flatten>);
static_assert(!fused<AveragePooling2D<>, Dense<3, Tanh>::on<shape<4, 4>>>);
static_assert(!fused<AveragePooling2D<>, Doubling<Conv2D<3>>::on<shape<4, 4, 2>>>);

template <class Network> struct passes {
    std::vector<double> output;
    std::vector<double> gradients;
    std::vector<double> input_gradient;
};

/// Forward and backward of one sample in double; the gradient with respect to the output is 1, 2, 3, ...
template <class Network, std::size_t Stages, bool InputGradient>
passes<Network> run(const std::vector<double>& x, const std::vector<double>& parameters) {
    aligned_vector<double> cells(Network::template training_cells<double>, NAN);
    std::copy(x.begin(), x.end(), cells.begin());
    const double* y = Network::template forward<Stages>(cells.data(), parameters.data());
    constexpr std::size_t outputs = Network::template shape_at<Stages>::size;
    passes<Network> result{{y, y + outputs}, std::vector<double>(Network::parameter_count), {}};
    double* dy = Network::output_gradient(cells.data());
    for (std::size_t i = 0; i < outputs; ++i) dy[i] = static_cast<double>(i + 1);
    const double* dx =
        Network::template backward<Stages, InputGradient>(cells.data(), parameters.data(), result.gradients.data());
    if (InputGradient) result.input_gradient.assign(dx, dx + Network::input::size);
    return result;
}

std::vector<double> random_values(std::size_t size, std::uint64_t seed) {
    random_stream random(seed, 0);
    std::vector<double> values(size);
    for (double& value : values) value = random.symmetric(1);
    return values;
}

}  // namespace

TEST_CASE("gradients flow through reshapes, hidden stages and a Softmax in the middle") {
    const auto check = [](const gradient_report& report, std::size_t compared) {
        INFO(report.problem);
        CHECK(report.passed());
        CHECK(report.compared == compared);
    };
    check(gradient_check<Input<4, 4, 2>, Flatten, Dense<9, GELU>, Reshape<3, 3>, Softmax, Dense<2, Tanh>, Flatten>(),
          32 + 305);
    check(gradient_check<Input<6>, Reshape<2, 3>, Dense<2, Sigmoid>>(), 6 + 8);
    check(gradient_check<Input<2, 3>, Dense<2, ELU>, Reshape<4>>(), 6 + 8);
    check(gradient_check<Input<2, 3>, Permute<2, 1>, Flatten>(), 6);
    check(gradient_check<Input<2, 3>, Flatten>(), 6);
    check(gradient_check<Input<4>, Dense<3, Softmax>>(), 4 + 15);
}

TEST_CASE("a stage has its scratch for itself") {
    using Plain = net<Flatten, Dense<40, ReLU>, Dense<3>>;
    const auto x = random_values(32, 1), parameters = random_values(Plain::parameter_count, 2);
    std::vector<double> twice = x;
    for (double& value : twice) value *= 2;
    // The second Detour doubles what ReLU gives, as would parameters of that size.
    std::vector<double> larger = parameters;
    for (std::size_t i = 0; i < 33 * 40; ++i) larger[i] *= 2;
    const auto expected = run<Plain, Plain::depth, true>(twice, larger);
    const auto found = run<Detours, Detours::depth, true>(x, parameters);
    CHECK(found.output == expected.output);
    for (std::size_t i = 0; i < 32; ++i) CHECK(found.input_gradient[i] == 2 * expected.input_gradient[i]);

    aligned_vector<double> cells(Detours::inference_cells<double>, NAN);
    std::copy(x.begin(), x.end(), cells.begin());
    const double* y = Detours::predict(cells.data(), parameters.data());
    CHECK(std::equal(found.output.begin(), found.output.end(), y));
}

TEST_CASE("predict and forward agree, and a hidden stage can be left out") {
    const auto x = random_values(32, 1), parameters = random_values(Mixed::parameter_count, 2);
    const auto trained = run<Mixed, Mixed::depth, true>(x, parameters);
    aligned_vector<double> cells(Mixed::inference_cells<double>, NAN);
    std::copy(x.begin(), x.end(), cells.begin());
    const double* y = Mixed::predict(cells.data(), parameters.data());
    CHECK(std::equal(trained.output.begin(), trained.output.end(), y));

    using Ended = net<Flatten, Dense<3, Softmax>>;
    const auto p = random_values(Ended::parameter_count, 3);
    const auto logits = run<Ended, Ended::depth - 1, false>(x, p).output;
    const auto probabilities = run<Ended, Ended::depth, false>(x, p).output;
    const double sum = std::exp(logits[0]) + std::exp(logits[1]) + std::exp(logits[2]);
    for (std::size_t i = 0; i < 3; ++i) CHECK(probabilities[i] == Approx(std::exp(logits[i]) / sum).epsilon(1e-14));

    // forward_last goes on from there.
    aligned_vector<double> more(Ended::training_cells<double>, NAN);
    std::copy(x.begin(), x.end(), more.begin());
    Ended::forward<Ended::depth - 1>(more.data(), p.data());
    const double* last = Ended::forward_last<Ended::depth - 1>(more.data(), p.data());
    CHECK(std::equal(probabilities.begin(), probabilities.end(), last));
}

TEST_CASE("samples that are predicted together are what they are alone") {
    const auto check = []<class Network, class V>(Network, V) {
        const auto p = random_values(Network::parameter_count, 2);
        const std::vector<scalar_t<V>> parameters(p.begin(), p.end());
        constexpr std::size_t samples = 3, inputs = Network::input::size, outputs = Network::output::size;
        constexpr std::size_t cells = Network::template inference_cells<V, samples>, guard = 1024;
        aligned_vector<V> together = test::unwritten_cells<V>(cells + guard);
        const auto x = test::random_lanes<V>(samples * inputs, 1);
        std::copy(x.begin(), x.end(), together.begin());
        const V* y = Network::template predict<samples>(together.data(), parameters.data());
        for (std::size_t s = 0; s < samples; ++s) {
            aligned_vector<V> alone = test::unwritten_cells<V>(Network::template inference_cells<V>);
            std::copy_n(x.data() + s * inputs, inputs, alone.data());
            const auto* expected = as_lanes(Network::predict(alone.data(), parameters.data()));
            CHECK(std::equal(expected, expected + outputs * lanes<V>, as_lanes(y + s * outputs)));
        }
        const auto* behind = as_lanes(together.data() + cells);
        CHECK(std::all_of(behind, behind + guard * lanes<V>, [](auto value) { return std::isnan(value); }));
    };
    check(Mixed{}, pack<float>{});
    check(Detours{}, pack<float>{});
    // In mixed precision 84 inputs and 24 units are worth rounding for three rows, but not for one.
    check(net<Conv2D<5>, ReLU, Flatten, Dense<128>, Dense<84>, Dense<24>>{}, pack<mixed_bfloat16>{});
}

TEST_CASE("samples are predicted together where parameters outweigh cells and a layer wants it") {
    using V = pack<float>;
    CHECK(net<Flatten, Dense<600>>::samples_at_once<V> == kernels::rows_worth_joining);
    CHECK(net<MaxPooling2D<>, Flatten, Dense<1>>::samples_at_once<V> == 1);
    CHECK(net<Conv2D<600>>::samples_at_once<V> == 1);
}

TEST_CASE("the gradient of the parameters does not depend on whether that of the input is asked for") {
    const auto x = random_values(32, 1), parameters = random_values(Mixed::parameter_count, 2);
    const auto with = run<Mixed, Mixed::depth, true>(x, parameters),
               without = run<Mixed, Mixed::depth, false>(x, parameters);
    CHECK(with.gradients == without.gradients);
    CHECK(with.input_gradient.size() == 32);
    CHECK(std::any_of(with.input_gradient.begin(), with.input_gradient.end(), [](double d) { return d != 0; }));
}

TEST_CASE("a pool that goes back through the activation before it gives the same gradients") {
    const auto x = random_values(32, 1);
    const auto check = [&]<class Network, class Apart>(Network, Apart) {
        const auto parameters = random_values(Network::parameter_count, 2);
        const auto found = run<Network, Network::depth, true>(x, parameters);
        const auto expected = run<Apart, Apart::depth, true>(x, parameters);
        CHECK(found.output == expected.output);
        CHECK(test::relative_error(found.gradients, expected.gradients) < 1e-14);
        CHECK(test::relative_error(found.input_gradient, expected.input_gradient) < 1e-14);
        CHECK(run<Network, Network::depth, false>(x, parameters).gradients == found.gradients);
    };
    check(net<Conv2D<3, Tanh, Same>, AveragePooling2D<>, Flatten>{},
          net<Conv2D<3, Tanh, Same>, Linear, AveragePooling2D<>, Flatten>{});
    check(net<Conv2D<5, Sigmoid, NoBias>, Conv2D<3, ReLU, Same>, MaxPooling2D<>, Flatten, Dense<2>>{},
          net<Conv2D<5, Sigmoid, NoBias>, Conv2D<3, ReLU, Same>, Linear, MaxPooling2D<>, Flatten, Dense<2>>{});

    // Without the pool the convolution goes all the way itself.
    using Pooled = net<Conv2D<3, Tanh, Same>, AveragePooling2D<>>;
    const auto parameters = random_values(Pooled::parameter_count, 2);
    CHECK(run<Pooled, 1, true>(x, parameters).gradients ==
          run<net<Conv2D<3, Tanh, Same>>, 1, true>(x, parameters).gradients);

    // A layer with its own backward keeps it.
    using Doubled = net<Doubling<Conv2D<3, Tanh, Same>>, AveragePooling2D<>>;
    auto twice = run<Pooled, 2, true>(x, parameters).gradients;
    for (double& gradient : twice) gradient *= 2;
    CHECK(test::relative_error(run<Doubled, 2, true>(x, parameters).gradients, twice) < 1e-14);
}

TEST_CASE("every lane is a sample of its own") {
    using V = pack<float>;
    constexpr std::size_t L = lanes<V>;
    const auto p = random_values(Mixed::parameter_count, 2);
    const std::vector<float> parameters(p.begin(), p.end());
    aligned_vector<V> cells(Mixed::inference_cells<V>);
    std::vector<std::vector<double>> samples;
    for (std::size_t n = 0; n < L; ++n) {
        samples.push_back(random_values(32, 10 + n));
        for (std::size_t i = 0; i < 32; ++i) as_lanes(cells.data())[i * L + n] = static_cast<float>(samples[n][i]);
    }
    const float* y = as_lanes(Mixed::predict(cells.data(), parameters.data()));
    for (std::size_t n = 0; n < L; ++n) {
        const auto expected = run<Mixed, Mixed::depth, false>(samples[n], p).output;
        for (std::size_t i = 0; i < 6; ++i) CHECK(y[i * L + n] == Approx(expected[i]).margin(2e-6));
    }
}
