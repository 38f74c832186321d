#include "strata/model/gradient_check.hpp"

#include "strata/layers/activation.hpp"
#include "strata/layers/composites.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/reshape.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

using namespace strata::authoring;
using strata::authoring::test::contains;

namespace {

/// What layers below do wrong. A variable, not their template argument: a network for each would take long to compile.
enum class mistake {
    none,
    input_gradient,      // dx lacks a factor
    parameter_gradient,  // the gradient of the scale lacks a factor
    one_value,           // the gradient of a single value is off by little
    overwrites,          // the gradient of the scale is stored, not added
    adds_to_input,       // dx is added to, not stored
    writes_no_input,     // dx is not written
    zero_parameter,      // the scale does not count, and its gradient says so
    not_a_number,        // dx is NaN
    other_branch,        // a merge weights its inputs
    other_numbers        // the backward pass draws other random numbers
};
mistake made = mistake::none;

/// y = scale * x * x with one scale for each cell.
struct Square {
    [[maybe_unused]] static constexpr std::string_view class_name = "Square";

    template <class In> struct on {
        using output = In;
        static constexpr std::array parameters{parameter{"scale", {In::size}, Ones::draw}};

        template <class V> static void forward(forward_context<V> c) {
            for (std::size_t i = 0; i < In::size; ++i) {
                c.y[i] = c.x[i] * c.x[i];
                if (made != mistake::zero_parameter) c.y[i] *= c.parameters[i];
            }
        }

        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            for (std::size_t i = 0; i < In::size; ++i) {
                V scale = c.dy[i] * c.x[i] * c.x[i];
                if (made == mistake::parameter_gradient) scale *= 2;
                if (made == mistake::one_value && i == In::size - 1) scale *= 1 + 1e-4;
                if (made == mistake::overwrites)
                    c.gradients[i] = sum_lanes(scale);
                else if (made != mistake::zero_parameter)
                    c.gradients[i] += sum_lanes(scale);

                V input = c.dy[i] * c.x[i] * 2;
                if (made != mistake::zero_parameter) input *= c.parameters[i];
                if (made == mistake::input_gradient) input *= 0.5;
                if (made == mistake::not_a_number) input = V(NAN);
                if (made == mistake::adds_to_input) input += c.dx[i];
                if (InputGradient && made != mistake::writes_no_input) c.dx[i] = input;
            }
        }
    };
};

/// y = x * x, right but for what Needs say of it.
template <stage_needs Needs> struct PlainSquare {
    static constexpr std::string_view class_name = "PlainSquare";

    template <class In> struct on {
        using output = In;
        static constexpr auto parameters = no_parameters;
        static constexpr stage_needs needs = Needs;

        template <class V> static void forward(forward_context<V> c) {
            for (std::size_t i = 0; i < In::size; ++i) c.y[i] = c.x[i] * c.x[i];
        }

        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            for (std::size_t i = 0; i < In::size; ++i) {
                c.dy[i] = c.dy[i] * c.x[i];
                if (InputGradient) c.dx[i] = c.dy[i] + c.dy[i];
            }
        }
    };
};

/// y = exp(x), whose backward pass reads the result.
template <stage_needs Needs> struct PlainExponential {
    static constexpr std::string_view class_name = "PlainExponential";

    template <class In> struct on {
        using output = In;
        static constexpr auto parameters = no_parameters;
        static constexpr stage_needs needs = Needs;

        template <class V> static void forward(forward_context<V> c) {
            for (std::size_t i = 0; i < In::size; ++i) c.y[i] = math::exp(c.x[i]);
        }

        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            for (std::size_t i = 0; InputGradient && i < In::size; ++i) c.dx[i] = c.dy[i] * c.y[i];
        }
    };
};

/// The running sums of its input: cells before one that has been written over are read again.
template <stage_needs Needs> struct RunningSum {
    static constexpr std::string_view class_name = "RunningSum";

    template <class In> struct on {
        using output = In;
        static constexpr auto parameters = no_parameters;
        static constexpr stage_needs needs = Needs;

        template <class V> static void forward(forward_context<V> c) {
            for (std::size_t i = 0; i < In::size; ++i) {
                c.y[i] = c.x[i];
                for (std::size_t j = 0; j < i; ++j) c.y[i] = c.y[i] + c.x[j];
            }
        }

        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            for (std::size_t i = 0; InputGradient && i < In::size; ++i) {
                c.dx[i] = c.dy[i];
                for (std::size_t j = i + 1; j < In::size; ++j) c.dx[i] = c.dx[i] + c.dy[j];
            }
        }
    };
};

/// Adds its two inputs, or by mistake twice the second one, and says that it adds them.
struct Mixture {
    [[maybe_unused]] static constexpr std::string_view class_name = "Mixture";

    template <class In, class> struct on {
        using output = In;
        static constexpr auto parameters = no_parameters;
        static constexpr stage_needs needs{.backward_reads_x = false, .backward_reads_y = false, .adds_inputs = true};

        template <class V> static void forward(forward_context<V, 2> c) {
            for (std::size_t i = 0; i < In::size; ++i)
                c.y[i] =
                    made == mistake::other_branch ? V(c.x[0][i] + c.x[1][i] + c.x[1][i]) : V(c.x[0][i] + c.x[1][i]);
        }
    };
};
template <class... Branches> struct Blend {
    using is_composite = void;
    template <class Graph> using expand = typename Graph::template merged<Mixture, Branches...>;
};

/// y = x * x, which keeps 2 x for the backward pass, in so many cells less than that are.
template <std::size_t Missing> struct Keeping {
    static constexpr std::string_view class_name = "Keeping";

    template <class In> struct on {
        using output = In;
        static constexpr auto parameters = no_parameters;
        static constexpr stage_needs needs{
            .kept = In::size - Missing, .backward_reads_x = false, .backward_reads_y = false};

        template <class V> static void forward(forward_context<V> c) {
            for (std::size_t i = 0; i < In::size; ++i) {
                c.kept[i] = c.x[i] + c.x[i];
                c.y[i] = c.x[i] * c.x[i];
            }
        }

        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            for (std::size_t i = 0; InputGradient && i < In::size; ++i) c.dx[i] = c.dy[i] * c.kept[i];
        }
    };
};

/// y = x times a number of each sample's own, drawn again in the backward pass.
struct Noisy {
    [[maybe_unused]] static constexpr std::string_view class_name = "Noisy";

    template <class In> struct on {
        using output = In;
        static constexpr auto parameters = no_parameters;
        static constexpr stage_needs needs{.random = true, .backward_reads_x = false, .backward_reads_y = false};

        template <class V> static void forward(forward_context<V> c) {
            const V factor = c.random.template uniform<V>(0)[0];
            for (std::size_t i = 0; i < In::size; ++i) c.y[i] = c.x[i] * factor;
        }

        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            const V factor = c.random.template uniform<V>(made == mistake::other_numbers ? 1 : 0)[0];
            for (std::size_t i = 0; InputGradient && i < In::size; ++i) c.dx[i] = c.dy[i] * factor;
        }
    };
};

/// Forgets its input.
struct Forgetful {
    [[maybe_unused]] static constexpr std::string_view class_name = "Forgetful";

    template <class In> struct on {
        using output = In;
        static constexpr auto parameters = no_parameters;

        template <class V> static void forward(forward_context<V> c) { std::fill_n(c.y, In::size, V(3)); }

        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            if (InputGradient) std::fill_n(c.dx, In::size, V(0));
        }
    };
};

/// ReLU, as the first sample of a pack has it for all: what `if (x[i] > zero)` gives where that compiles.
struct Branching {
    [[maybe_unused]] static constexpr std::string_view class_name = "Branching";

    template <class In> struct on {
        using output = In;
        static constexpr auto parameters = no_parameters;

        template <class V> static void forward(forward_context<V> c) {
            for (std::size_t i = 0; i < In::size; ++i) c.y[i] = as_lanes(c.x + i)[0] > 0 ? c.x[i] : V(0);
        }

        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            for (std::size_t i = 0; i < In::size; ++i) c.dx[i] = as_lanes(c.x + i)[0] > 0 ? c.dy[i] : V(0);
        }
    };
};

/// The report on a network whose layers make a mistake.
template <class... Network> gradient_report report_on(mistake wrong, const gradient_check_options& options = {}) {
    made = wrong;
    const gradient_report report = gradient_check<Network...>(options);
    made = mistake::none;
    return report;
}

std::string problem(mistake wrong) { return report_on<Input<2, 3>, Square>(wrong).problem; }

}  // namespace

TEST_CASE("gradient_check passes a layer whose gradients are right") {
    const gradient_report report = gradient_check<Input<2, 3>, Square>();
    CHECK(report.passed());
    CHECK(report.problem.empty());
    CHECK(report.compared == 12);
    CHECK(report.largest_error < 1e-8);
    CHECK(gradient_check<Input<3>, Square, Dense<2, Tanh>, Square>().passed());
}

TEST_CASE("gradient_check refuses a wrong gradient of the input") {
    const gradient_report report = report_on<Input<2, 3>, Square>(mistake::input_gradient);
    CHECK_FALSE(report.passed());
    CHECK(report.largest_error > 0.01);
    CHECK_THAT(report.problem, contains("the derivative with respect to value 0 of the input is "));
    CHECK_THAT(report.problem, contains(", but differences give "));
    CHECK_THAT(problem(mistake::not_a_number), contains("value 0 of the input is nan"));
}

TEST_CASE("gradient_check refuses a wrong gradient of a parameter") {
    CHECK_THAT(problem(mistake::parameter_gradient), contains("value 0 of the parameter scale is "));
    CHECK_THAT(problem(mistake::one_value), contains("value 5 of the parameter scale is "));
}

TEST_CASE("gradient_check refuses a parameter's gradient that is stored instead of added") {
    CHECK_THAT(problem(mistake::overwrites), contains("of the parameter scale is "));
}

TEST_CASE("gradient_check refuses an input gradient that is not stored") {
    CHECK_THAT(problem(mistake::adds_to_input), contains("value 0 of the input is "));
    CHECK_THAT(problem(mistake::writes_no_input), contains("value 0 of the input is "));
}

TEST_CASE("gradient_check refuses gradients that are all zero: they show nothing") {
    CHECK(problem(mistake::zero_parameter) ==
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

TEST_CASE("gradient_check finds facts in needs that are wrong") {
    const auto problem_of = []<class Layer>(std::type_identity<Layer>) {
        return gradient_check<Input<4>, Layer>().problem;
    };
#define PROBLEM_OF(...) problem_of(std::type_identity<__VA_ARGS__>{})
    // Right ones pass.
    CHECK(PROBLEM_OF(PlainSquare<stage_needs{}>) == "");
    CHECK(PROBLEM_OF(PlainSquare<stage_needs{.backward_reads_y = false}>) == "");
    CHECK(PROBLEM_OF(PlainExponential<stage_needs{.backward_reads_x = false, .in_place = true, .keeps_dy = true}>) ==
          "");
    CHECK(PROBLEM_OF(RunningSum<stage_needs{.backward_reads_x = false, .backward_reads_y = false, .keeps_dy = true}>) ==
          "");
    CHECK(PROBLEM_OF(Blend<Branch<Tanh>, Branch<>>) == "");
    CHECK(PROBLEM_OF(Noisy) == "");
    CHECK(PROBLEM_OF(Keeping<0>) == "");

    const auto wrong = contains("of the input is "),
               wrong_inside = contains("of the input, inside of a larger network, is ");
    CHECK_THAT(PROBLEM_OF(PlainSquare<stage_needs{.backward_reads_x = false}>), wrong);
    CHECK_THAT(PROBLEM_OF(PlainExponential<stage_needs{.backward_reads_y = false}>), wrong);
    CHECK_THAT(PROBLEM_OF(PlainSquare<stage_needs{.backward_reads_y = false, .in_place = true}>), wrong_inside);
    CHECK_THAT(
        PROBLEM_OF(RunningSum<stage_needs{.backward_reads_x = false, .backward_reads_y = false, .in_place = true}>),
        wrong_inside);
    CHECK_THAT(PROBLEM_OF(PlainSquare<stage_needs{.keeps_dy = true}>), wrong_inside);
    CHECK_THAT((report_on<Input<4>, Blend<Branch<Tanh>, Branch<>>>(mistake::other_branch).problem), wrong);
    CHECK_THAT(PROBLEM_OF(Keeping<1>), contains("of the input"));  // where the cells lie decides whether it shows alone
    CHECK_THAT((report_on<Input<4>, Noisy>(mistake::other_numbers).problem), wrong);
#undef PROBLEM_OF
}

TEST_CASE("gradient_check finds the wrong layer in a chain") {
    CHECK_FALSE(report_on<Input<3>, Dense<4, Tanh>, Square, Dense<2>>(mistake::input_gradient).passed());
    CHECK_FALSE(report_on<Input<2, 3>, Flatten, Square>(mistake::writes_no_input).passed());
}

TEST_CASE("gradient_check takes a seed, a step and a tolerance") {
    CHECK(gradient_check<Input<3>, Dense<4, Tanh>>({.seed = 5, .step = 1e-4}).passed());
    CHECK_FALSE(gradient_check<Input<3>, Dense<4, Tanh>>({.tolerance = 1e-16}).passed());
    CHECK(report_on<Input<2, 3>, Square>(mistake::one_value, {.tolerance = 1e-3}).passed());
}
