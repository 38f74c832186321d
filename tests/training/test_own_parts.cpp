#include "strata/model/gradient_check.hpp"

#include "support/catch.hpp"
#include "support/small_models.hpp"
#include "support/xtensor.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string_view>
#include <vector>

using namespace strata::authoring;

namespace {

/// A layer of a program's own: y = a x with one factor for each cell.
struct Stretch {
    static constexpr std::string_view class_name = "Stretch";

    template <class In> struct on {
        using output = In;
        static constexpr std::array parameters{parameter{"factor", {In::size}, Ones::draw}};

        template <class V> static void forward(forward_context<V> c) {
            for (std::size_t i = 0; i < In::size; ++i) c.y[i] = c.x[i] * V(c.parameters[i]);
        }

        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            for (std::size_t i = 0; i < In::size; ++i) {
                c.gradients[i] += sum_lanes(c.x[i] * c.dy[i]);
                if constexpr (InputGradient) c.dx[i] = c.dy[i] * V(c.parameters[i]);
            }
        }
    };
};

/// A loss of a program's own: the mean distance.
struct Distance {
    template <class Output> using target = Output;
    template <class Output> void check(const array_ref&) const {}

    template <class Output, bool Logits, class V> V value(const V* y, const V* target, const V& weight, V* dy) const {
        using T = scalar_t<V>;
        const V share(T(1) / T(Output::size));
        V sum(T(0));
        for (std::size_t i = 0; i < Output::size; ++i) {
            const V difference = y[i] - target[i];
            sum = multiply_add(math::abs(difference), share, sum);
            dy[i] = math::select(difference > V(T(0)), weight, -weight) * share;
        }
        return sum;
    }
};

/// A loss that has had enough of some samples.
struct Choosy : Distance {
    template <class Output, bool Logits, class V> V value(const V* y, const V* target, const V& weight, V* dy) const {
        for (std::size_t n = 0; n < lanes<V>; ++n) {
            if (as_lanes(target)[n] > 100) throw std::runtime_error("a target that is too large");
        }
        return Distance::value<Output, Logits>(y, target, weight, dy);
    }
};

/// A metric of a program's own: how sure the model is of its answer.
struct Confidence {
    static constexpr std::string_view name = "confidence";

    template <class Output, class Target, class V> V value(const V* y, const V*) const {
        V largest = y[0];
        for (std::size_t i = 1; i < Output::size; ++i) largest = math::max(largest, y[i]);
        return largest;
    }
};

/// An optimizer of a program's own, without any memory: steps of one size.
struct SignDescent {
    double step = 0.01;

    static constexpr std::size_t slot_count = 0;

    template <class V> auto rule(std::uint64_t) const {
        return [s = V(scalar_t<V>(step))](V& w, const V& g, V*) { w = w - math::select(g > V(scalar_t<V>(0)), s, -s); };
    }
};

}  // namespace

TEST_CASE("a layer, a loss, an optimizer and a metric of one's own train") {
    CHECK(gradient_check<Input<3, 2>, Stretch>().passed());
    Sequential<Input<3>, Stretch, Tanh, Stretch> model;
    CHECK(model.parameter_count == 6);
    CHECK(model.value_table()[0].name == "stretch/factor");
    CHECK(model.value_table()[1].name == "stretch_1/factor");
    xt::xtensor<float, 2> x(std::array<std::size_t, 2>{50, 3});
    random_stream random(1, 0);
    for (float& value : x) value = static_cast<float>(random.symmetric(1));
    const xt::xtensor<float, 2> y = 2.0f * xt::tanh(0.5f * x);
    auto training = compile(model, SignDescent{}, Distance{}, Confidence{});
    const History history = training.fit(x, y, {.batch_size = 16, .epochs = 60, .verbose = 0});
    CHECK(history["loss"].back() < 0.5 * history["loss"].front());
    CHECK(history.contains("confidence"));
}

// A cross-entropy takes the place of a last Softmax, but a metric is promised the model's output.
TEST_CASE("a metric sees probabilities where the model ends with Softmax") {
    const auto data = test::make_images(40);
    test::Classifier model(3);
    const auto probabilities = model.predict(data.x);
    double expected = 0;
    for (std::size_t n = 0; n < 40; ++n) {
        expected += std::max({probabilities(n, 0), probabilities(n, 1), probabilities(n, 2)}) / 40.0;
    }
    const auto both = compile(model, Adam{}, SparseCategoricalCrossentropy{}, Confidence{}, Accuracy{});
    const auto [loss, confidence, accuracy] = both.evaluate(data.x, data.y, {.verbose = 0});
    CHECK(confidence == Approx(expected).epsilon(1e-6));
    const auto plain = compile(model, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{});
    CHECK(plain.evaluate(data.x, data.y, {.verbose = 0}) == std::array<double, 2>{loss, accuracy});

    // Training is the same with the metric as without.
    test::Classifier one(3), other(3);
    compile(one, Adam{}, SparseCategoricalCrossentropy{}, Confidence{}).fit(data.x, data.y, {.verbose = 0});
    compile(other, Adam{}, SparseCategoricalCrossentropy{}).fit(data.x, data.y, {.verbose = 0});
    CHECK((test::parameters_of(one) == test::parameters_of(other)));
}

// The gradient of the loss must not lie over the logits, although nobody needs it.
TEST_CASE("a metric sees probabilities also where nothing is trained") {
    Sequential<Input<1, 3>, Flatten, Softmax> model;
    const xt::xtensor<float, 3> x{{{1, 2, 4}}, {{3, 1, 0}}};
    const xt::xtensor<int, 1> y{2, 1};
    const auto probabilities = model.predict(x);
    auto training = compile(model, SGD{}, SparseCategoricalCrossentropy{}, Confidence{});
    const History history = training.fit(x, y, {.verbose = 0});
    CHECK(history["confidence"][0] == Approx((probabilities(0, 2) + probabilities(1, 0)) / 2).epsilon(1e-6));
}

// In the lanes that a short batch leaves unused the outputs of this model would be 0 for an input of 0, their sum too,
// and the gradient of what was divided by it no number.
TEST_CASE("unused lanes do not spoil a gradient") {
    Sequential<Input<2>, Dense<3, NoBias, ReLU, KernelInitializer<Ones>>> model;
    auto training = compile(model, SGD{}, CategoricalCrossentropy{});
    const xt::xtensor<float, 2> x{{1, 2}, {3, 1}, {1, 1}}, y{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    training.fit(x, y, {.batch_size = 3, .epochs = 3, .verbose = 0});
    for (const float w : model.parameters()) CHECK(std::isfinite(w));
}

TEST_CASE("an exception of a part of one's own leaves fit, and what was trained stays", "[threads]") {
    xt::xtensor<float, 2> x = xt::ones<float>({200, 2}), y = xt::zeros<float>({200, 2});
    for (const std::size_t count : {1, 2, 5}) {
        set_threads(count);
        Sequential<Input<2>, Stretch> model, other;
        auto training = compile(model, Adam{}, Choosy{}), expected = compile(other, Adam{}, Choosy{});
        y(199, 0) = 101;  // in the last pack of the second batch
        CHECK_THROWS_WITH(training.fit(x, y, {.batch_size = 100, .shuffle = false, .verbose = 0}),
                          "a target that is too large");
        y(199, 0) = 0;
        expected.fit(xt::eval(xt::view(x, xt::range(0, 100))), xt::eval(xt::view(y, xt::range(0, 100))),
                     {.batch_size = 100, .shuffle = false, .verbose = 0});
        CHECK(training.steps() == 1);
        CHECK((test::parameters_of(model) == test::parameters_of(other)));
        training.fit(x, y, {.verbose = 0});
        CHECK(training.steps() == 1 + 7);
    }
    set_threads(0);
}
