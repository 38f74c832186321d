#include "strata/model/network_pass.hpp"

#include "model/small_networks.hpp"
#include "strata/layers/composites.hpp"
#include "strata/model/gradient_check.hpp"
#include "support/catch.hpp"
#include "support/lanes.hpp"
#include "support/small_models.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

using namespace strata::authoring;
using test::Mixed;
using test::net;

namespace {

/// Doubles its input, by way of its scratch.
struct Detour {
    static constexpr std::string_view class_name = "Detour";
    template <class In> struct on {
        using output = In;
        static constexpr std::array<parameter, 0> parameters{};
        template <class V> static constexpr stage_needs needs{.scratch = In::size + lanes<V>};

        template <class V> static void forward(forward_context<V> c) {
            std::fill_n(c.scratch, In::size + lanes<V>, V(scalar_t<V>(NAN)));
            for (std::size_t i = 0; i < In::size; ++i) c.scratch[i] = c.x[i] + c.x[i];
            std::copy_n(c.scratch, In::size, c.y);
        }
        template <bool, class V> static void backward(backward_context<V> c) {
            forward(forward_context<V>{.x = c.dy, .y = c.dx, .scratch = c.scratch});
        }
    };
};

using Detours = net<Detour, Flatten, Dense<40, ReLU>, Detour, Dense<3>>;

/// A convolution whose layer has a backward of its own: it doubles the gradient with respect to its parameters.
template <class Convolution> struct Doubling : Convolution {
    template <class In> struct on : Convolution::template on<In> {
        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            using base = typename Convolution::template on<In>;
            base::template backward<InputGradient>(c);
            for (std::size_t i = 0; i < total_size(base::parameters); ++i) c.gradients[i] *= 2;
        }
    };
};

/// What a network makes of a sample.
struct passes {
    std::vector<double> output;
    std::vector<double> gradients;
    std::vector<double> input_gradient;
};

/// The first `End` steps of one sample in double, and back; the gradient with respect to the output is 1, 2, 3, ...
template <class Network, std::size_t End, bool InputGradient>
passes run(const std::vector<double>& x, const std::vector<double>& parameters) {
    using pass = network_pass<Network, double, InputGradient>;
    aligned_vector<double> cells(pass::cells, NAN);
    std::copy(x.begin(), x.end(), cells.begin());
    constexpr std::size_t outputs = Network::template shape_at<End>::size;
    passes result{{}, std::vector<double>(Network::parameter_count), {}};
    pack_values<double> pack{
        .cells = cells.data(), .values = parameters.data(), .gradients = result.gradients.data(), .training = true};
    const double* y = pass::template forward_range<0, End>(pack);
    result.output.assign(y, y + outputs);
    spoil_dead_cells<double>(cells, Network::template training<double, InputGradient>.live_after_loss);
    pack.cells = cells.data();
    double* dy = pass::template output_gradient<End>(cells.data());
    for (std::size_t i = 0; i < outputs; ++i) dy[i] = static_cast<double>(i + 1);
    pass::template backward_range<0, End>(pack);
    if constexpr (InputGradient) {
        const double* dx = pass::input_gradient(cells.data());
        result.input_gradient.assign(dx, dx + Network::input::size);
    }
    return result;
}

/// The prediction of one sample.
template <class Network>
std::vector<double> predict(const std::vector<double>& x, const std::vector<double>& parameters) {
    aligned_vector<double> cells(Network::template inference_cells<double>, NAN);
    std::copy(x.begin(), x.end(), cells.begin());
    const double* y = network_pass<Network, double>::predict(cells.data(), parameters.data());
    return {y, y + Network::output::size};
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

    CHECK(predict<Detours>(x, parameters) == found.output);
}

TEST_CASE("predict and forward agree, and a hidden stage can be left out") {
    const auto x = random_values(32, 1), parameters = random_values(Mixed::parameter_count, 2);
    const auto trained = run<Mixed, Mixed::depth, true>(x, parameters);
    CHECK(predict<Mixed>(x, parameters) == trained.output);

    using Ended = net<Flatten, Dense<3, Softmax>>;
    const auto p = random_values(Ended::parameter_count, 3);
    const auto logits = run<Ended, Ended::depth - 1, false>(x, p).output;
    const auto probabilities = run<Ended, Ended::depth, false>(x, p).output;
    const double sum = std::exp(logits[0]) + std::exp(logits[1]) + std::exp(logits[2]);
    for (std::size_t i = 0; i < 3; ++i) CHECK(probabilities[i] == Approx(std::exp(logits[i]) / sum).epsilon(1e-14));

    // The rest goes on from there.
    using pass = network_pass<Ended, double>;
    aligned_vector<double> more(pass::cells, NAN);
    std::copy(x.begin(), x.end(), more.begin());
    const pack_values<double> pack{.cells = more.data(), .values = p.data(), .training = true};
    pass::forward_range<0, Ended::depth - 1>(pack);
    const double* last = pass::forward_range<Ended::depth - 1, Ended::depth>(pack);
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
        const V* y = network_pass<Network, V>::template predict<samples>(together.data(), parameters.data());
        for (std::size_t s = 0; s < samples; ++s) {
            aligned_vector<V> alone = test::unwritten_cells<V>(Network::template inference_cells<V>);
            std::copy_n(x.data() + s * inputs, inputs, alone.data());
            const auto* expected = as_lanes(network_pass<Network, V>::predict(alone.data(), parameters.data()));
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
    const auto check = [&]<class Network>(Network) {
        using apart = typename Network::written;
        static_assert(Network::depth == apart::depth - 1);
        const auto parameters = random_values(Network::parameter_count, 2);
        const auto found = run<Network, Network::depth, true>(x, parameters);
        const auto expected = run<apart, apart::depth, true>(x, parameters);
        CHECK(found.output == expected.output);
        CHECK(test::relative_error(found.gradients, expected.gradients) < 1e-14);
        CHECK(test::relative_error(found.input_gradient, expected.input_gradient) < 1e-14);
        CHECK(run<Network, Network::depth, false>(x, parameters).gradients == found.gradients);
    };
    check(net<Conv2D<3, Tanh, Same>, AveragePooling2D<>, Flatten>{});
    check(net<Conv2D<5, Sigmoid, NoBias>, Conv2D<3, ReLU, Same>, MaxPooling2D<>, Flatten, Dense<2>>{});

    // A layer with its own backward keeps it.
    using Pooled = net<Conv2D<3, Tanh, Same>, AveragePooling2D<>>;
    using Doubled = net<Doubling<Conv2D<3, Tanh, Same>>, AveragePooling2D<>>;
    static_assert(Pooled::depth == 1 && Doubled::depth == 2);
    const auto parameters = random_values(Pooled::parameter_count, 2);
    auto twice = run<Pooled, 1, true>(x, parameters).gradients;
    for (double& gradient : twice) gradient *= 2;
    CHECK(test::relative_error(run<Doubled, 2, true>(x, parameters).gradients, twice) < 1e-14);
}

TEST_CASE("a step without anything that is trained before it rests in the backward pass") {
    using Late = net<Detour, Frozen<Conv2D<2>>, Flatten, Dense<3>>;
    constexpr auto& plan = Late::training<double, false>;
    static_assert(!plan.needed[1] && !plan.needed[2] && !plan.needed[3] && plan.needed[4]);
    using Alone = network<shape<8>, Dense<3>>;
    const auto x = random_values(32, 1), values = random_values(Late::value_count, 2);
    std::vector<double> twice = x;
    for (double& value : twice) value *= 2;
    using Before = net<Conv2D<2>, Flatten>;
    const std::vector<double> frozen(values.begin() + Late::parameter_count, values.end());
    const auto between = run<Before, Before::depth, false>(twice, frozen).output;
    CHECK((run<Late, Late::depth, false>(x, values).gradients ==
           run<Alone, 1, false>(between, {values.begin(), values.begin() + Alone::parameter_count}).gradients));
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
    const float* y = as_lanes(network_pass<Mixed, V>::predict(cells.data(), parameters.data()));
    for (std::size_t n = 0; n < L; ++n) {
        const auto expected = run<Mixed, Mixed::depth, false>(samples[n], p).output;
        for (std::size_t i = 0; i < 6; ++i) CHECK(y[i * L + n] == Approx(expected[i]).margin(2e-6));
    }
}
