#include "strata/model/gradient_check.hpp"

#include "strata/layers/activation.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/reshape.hpp"
#include "support/catch.hpp"

using namespace strata;
using strata::test::contains;

namespace {

/// y = scale * x * x with one scale for each cell, right but for what Mistake says.
enum class mistake {
    none,
    input_gradient,      // dx lacks a factor
    parameter_gradient,  // the gradient of the scale lacks a factor
    one_value,           // the gradient of a single value is off by little
    overwrites,          // the gradient of the scale is stored, not added
    adds_to_input,       // dx is added to, not stored
    writes_no_input,     // dx is not written
    zero_parameter,      // the scale does not count, and its gradient says so
    not_a_number         // dx is NaN
};

template <mistake Mistake> struct Square {
    static constexpr std::string_view class_name = "Square";

    template <class In> struct on {
        using output = In;
        static constexpr std::array parameters{parameter{"scale", {In::size}, Ones::draw}};

        template <class V> static void forward(const V* x, const scalar_t<V>* p, V* y) {
            for (std::size_t i = 0; i < In::size; ++i) {
                y[i] = x[i] * x[i];
                if (Mistake != mistake::zero_parameter) y[i] *= p[i];
            }
        }

        template <bool InputGradient, class V>
        static void backward(const V* x, const V*, V* dy, const scalar_t<V>* p, scalar_t<V>* g, V* dx) {
            for (std::size_t i = 0; i < In::size; ++i) {
                V scale = dy[i] * x[i] * x[i];
                if (Mistake == mistake::parameter_gradient) scale *= 2;
                if (Mistake == mistake::one_value && i == In::size - 1) scale *= 1 + 1e-4;
                if (Mistake == mistake::overwrites)
                    g[i] = sum_lanes(scale);
                else if (Mistake != mistake::zero_parameter)
                    g[i] += sum_lanes(scale);

                V input = dy[i] * x[i] * 2;
                if (Mistake != mistake::zero_parameter) input *= p[i];
                if (Mistake == mistake::input_gradient) input *= 0.5;
                if (Mistake == mistake::not_a_number) input = V(NAN);
                if (Mistake == mistake::adds_to_input) input += dx[i];
                if (InputGradient && Mistake != mistake::writes_no_input) dx[i] = input;
            }
        }
    };
};

/// Forgets its input.
struct Forgetful {
    [[maybe_unused]] static constexpr std::string_view class_name = "Forgetful";

    template <class In> struct on {
        using output = In;
        static constexpr auto parameters = no_parameters;

        template <class V> static void forward(const V*, const scalar_t<V>*, V* y) { std::fill_n(y, In::size, V(3)); }

        template <bool InputGradient, class V>
        static void backward(const V*, const V*, V*, const scalar_t<V>*, scalar_t<V>*, V* dx) {
            if (InputGradient) std::fill_n(dx, In::size, V(0));
        }
    };
};

/// ReLU, as the first sample of a pack has it for all: what `if (x[i] > zero)` comes to where that compiles.
struct Branching {
    [[maybe_unused]] static constexpr std::string_view class_name = "Branching";

    template <class In> struct on {
        using output = In;
        static constexpr auto parameters = no_parameters;

        template <class V> static void forward(const V* x, const scalar_t<V>*, V* y) {
            for (std::size_t i = 0; i < In::size; ++i) y[i] = as_lanes(x + i)[0] > 0 ? x[i] : V(0);
        }

        template <bool InputGradient, class V>
        static void backward(const V* x, const V*, V* dy, const scalar_t<V>*, scalar_t<V>*, V* dx) {
            for (std::size_t i = 0; i < In::size; ++i) dx[i] = as_lanes(x + i)[0] > 0 ? dy[i] : V(0);
        }
    };
};

template <mistake Mistake> std::string problem() { return gradient_check<Input<2, 3>, Square<Mistake>>().problem; }

}  // namespace

TEST_CASE("gradient_check passes a layer whose gradients are right") {
    const gradient_report report = gradient_check<Input<2, 3>, Square<mistake::none>>();
    CHECK(report.passed());
    CHECK(report.problem.empty());
    CHECK(report.compared == 12);
    CHECK(report.largest_error < 1e-8);
    CHECK(gradient_check<Input<3>, Square<mistake::none>, Dense<2, Tanh>, Square<mistake::none>>().passed());
}

TEST_CASE("gradient_check refuses a wrong gradient of the input") {
    const gradient_report report = gradient_check<Input<2, 3>, Square<mistake::input_gradient>>();
    CHECK_FALSE(report.passed());
    CHECK(report.largest_error > 0.01);
    CHECK_THAT(report.problem, contains("the derivative with respect to value 0 of the input is "));
    CHECK_THAT(report.problem, contains(", but differences give "));
    CHECK_THAT(problem<mistake::not_a_number>(), contains("value 0 of the input is nan"));
}

TEST_CASE("gradient_check refuses a wrong gradient of a parameter") {
    CHECK_THAT(problem<mistake::parameter_gradient>(), contains("value 0 of the parameter scale is "));
    CHECK_THAT(problem<mistake::one_value>(), contains("value 5 of the parameter scale is "));
}

TEST_CASE("gradient_check refuses a parameter's gradient that is stored instead of added") {
    CHECK_THAT(problem<mistake::overwrites>(), contains("of the parameter scale is "));
}

TEST_CASE("gradient_check refuses an input gradient that is not stored") {
    CHECK_THAT(problem<mistake::adds_to_input>(), contains("value 0 of the input is "));
    CHECK_THAT(problem<mistake::writes_no_input>(), contains("value 0 of the input is "));
}

TEST_CASE("gradient_check refuses gradients that are all zero: they show nothing") {
    CHECK(problem<mistake::zero_parameter>() ==
          "every derivative with respect to the parameter scale is zero, which shows nothing");
    const gradient_report report = gradient_check<Input<4>, Forgetful>();
    CHECK(report.problem == "every derivative with respect to the input is zero, which shows nothing");
}

TEST_CASE("gradient_check refuses a layer that takes all samples for the first one") {
    const gradient_report report = gradient_check<Input<40>, Branching>();
    CHECK(report.compared == 40);
    if (lanes<pack<double>> > 1) {
        CHECK_THAT(report.problem, contains("for several samples at once an output is "));
        CHECK_THAT(report.problem, contains("use math::select"));
    }
    CHECK(gradient_check<Input<40>, ReLU>().passed());
}

TEST_CASE("gradient_check finds the wrong layer in a chain") {
    CHECK_FALSE(gradient_check<Input<3>, Dense<4, Tanh>, Square<mistake::input_gradient>, Dense<2>>().passed());
    CHECK_FALSE(gradient_check<Input<2, 3>, Flatten, Square<mistake::writes_no_input>>().passed());
}

TEST_CASE("gradient_check takes a seed, a step and a tolerance") {
    CHECK(gradient_check<Input<3>, Dense<4, Tanh>>({.seed = 5, .step = 1e-4}).passed());
    CHECK_FALSE(gradient_check<Input<3>, Dense<4, Tanh>>({.tolerance = 1e-16}).passed());
    CHECK(gradient_check<Input<2, 3>, Square<mistake::one_value>>({.tolerance = 1e-3}).passed());
}
