#include "strata/model/memory_plan.hpp"

#include "model/memory_simulation.hpp"
#include "strata/core/random.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

/// A step that reads the activation before it.
constexpr step_facts next(std::size_t input, std::size_t size, step_facts facts = {}) {
    facts.inputs[0] = input;
    facts.input_count = 1;
    facts.output_size = size;
    facts.trained = !facts.moves_nothing;
    return facts;
}

constexpr step_facts in_place{.in_place = true, .reads_x = false};
constexpr step_facts moves_nothing{.moves_nothing = true};

/// The sum of two activations.
constexpr step_facts sum(std::size_t a, std::size_t b, std::size_t size) {
    step_facts facts{.reads_x = false, .reads_y = false, .adds = true};
    facts.inputs = {a, b};
    facts.input_count = 2;
    facts.output_size = size;
    return facts;
}

constexpr memory_facts<4> chain(10, {next(0, 20), next(1, 5), next(2, 30), next(3, 1)});
static_assert(inference_plan<4>(chain).cells == 35, "of a chain two neighbours at a time: 5 and 30");
static_assert(inference_plan<4>(chain).activations[0] == 0, "the input lies at the start");
static_assert(training_plan<4>(chain, false).activations[0] == 0);

// Equal sizes: two buffers to predict with. To train, all five activations, and two gradients in turn, of which the
// later ones lie where activations were.
constexpr memory_facts<4> even(8, {next(0, 8), next(1, 8), next(2, 8), next(3, 8)});
static_assert(inference_plan<4>(even).cells == 2 * 8);
static_assert(training_plan<4>(even, false).cells == 7 * 8);
static_assert(training_plan<4>(even, true).cells == 7 * 8);

constexpr memory_facts<3> cell_by_cell(8, {next(0, 8), next(1, 8, in_place), next(2, 8, in_place)});
static_assert(inference_plan<3>(cell_by_cell).cells == 2 * 8);
static_assert(inference_plan<3>(cell_by_cell).activations == std::array<std::size_t, 4>{0, 8, 8, 8});
// Each of them reads its result in the backward pass, so all results stay, but one gradient serves all.
static_assert(training_plan<3>(cell_by_cell, false).cells == 4 * 8 + 8);
static_assert(training_plan<3>(cell_by_cell, false).gradients[1] == training_plan<3>(cell_by_cell, false).gradients[3]);

constexpr memory_facts<3> doubled(8, {next(0, 8), next(1, 8, {.in_place = true, .reads_x = false, .reads_y = false}),
                                      next(2, 8, {.in_place = true, .reads_x = false, .reads_y = false})});
static_assert(training_plan<3>(doubled, false).activations == std::array<std::size_t, 4>{0, 8, 16, 16},
              "over what nobody reads later");

constexpr memory_facts<3> reshaped(8, {next(0, 8, moves_nothing), next(1, 6), next(2, 6, moves_nothing)});
static_assert(inference_plan<3>(reshaped).cells == 8 + 6);
static_assert(training_plan<3>(reshaped, false).cells == 8 + 6 + 6);
static_assert(training_plan<3>(reshaped, true).gradients[0] == training_plan<3>(reshaped, true).gradients[1]);

// y = b(a(x)) + a(x): the gradient of the sum is that of a(x) as it is, and is copied for b, which may change it.
constexpr memory_facts<3> residual(8, {next(0, 8), next(1, 8), sum(2, 1, 8)});
constexpr training_plan<3> of_residual(residual, false);
static_assert(of_residual.flows[2][1] == gradient_flow::shared && of_residual.gradients[1] == of_residual.gradients[3]);
static_assert(of_residual.flows[2][0] == gradient_flow::write && of_residual.flows[1][0] == gradient_flow::add);
// A b that only reads it shares it, too, unless a step before it adds to it first.
constexpr memory_facts<3> reading(8, {next(0, 8), next(1, 8, {.keeps_dy = true}), sum(2, 1, 8)});
static_assert(training_plan<3>(reading, false).flows[2][0] == gradient_flow::shared);
static_assert(training_plan<3>(reading, false).cells < of_residual.cells);
constexpr memory_facts<4> early(8, {next(0, 8), next(1, 8, {.keeps_dy = true}), next(1, 8), sum(2, 1, 8)});
static_assert(training_plan<4>(early, false).flows[3][0] == gradient_flow::write);

// Where nothing is trained, no gradient is needed.
constexpr training_plan<2> idle(memory_facts<2>(8, {step_facts{.input_count = 1, .output_size = 8},
                                                    step_facts{.inputs = {1}, .input_count = 1, .output_size = 8}}),
                                false);
static_assert(idle.needed == std::array<bool, 3>{});

// No gradient goes back through a mask, though a trained step comes before it.
constexpr step_facts reads_both{.inputs = {1, 2}, .input_count = 2, .output_size = 8, .trained = true};
constexpr memory_facts<3> masked(8, {next(0, 8), next(1, 2, {.no_gradient = true}), reads_both});
static_assert(training_plan<3>(masked, true).needed == std::array<bool, 4>{true, true, false, true});

template <std::size_t Steps> memory_facts<Steps> facts_of(const random_network& net) {
    std::array<step_facts, Steps> steps{};
    std::copy(net.steps.begin(), net.steps.end(), steps.begin());
    return {net.sizes[0], steps};
}

/// Calls f(the number of steps as a constant).
template <class F> void with_depth(std::size_t depth, F&& f) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        ((depth == I + 1 ? f(std::integral_constant<std::size_t, I + 1>{}) : void()), ...);
    }(std::make_index_sequence<12>{});
}

template <class F> void for_random_networks(std::size_t count, F&& f) {
    random_stream random(1, 0);
    for (std::size_t n = 0; n < count;) {
        const random_network net(random);
        if (!net.is_connected()) continue;
        INFO("network " << n << " of " << net.depth() << " steps");
        with_depth(net.depth(), [&](auto depth) { f(net, facts_of<depth>(net)); });
        ++n;
    }
}

}  // namespace

TEST_CASE("memory_plan: while predicting, every value is read as it was written") {
    for_random_networks(500, []<std::size_t Steps>(const random_network& net, const memory_facts<Steps>& facts) {
        const inference_plan<Steps> plan(facts);
        CHECK(one_array(net, plan).infer() == "");
    });
}

TEST_CASE("memory_plan: while training, every value is read as it was written") {
    for_random_networks(500, []<std::size_t Steps>(const random_network& net, const memory_facts<Steps>& facts) {
        const training_plan<Steps> plan(facts, net.input_gradient);
        CHECK(one_array(net, plan).train() == "");
    });
}

TEST_CASE("memory_plan: a step that lies about itself is found") {
    // The same simulation of plans that were made for other facts.
    std::size_t found = 0;
    for_random_networks(200, [&]<std::size_t Steps>(const random_network& net, memory_facts<Steps> facts) {
        for (step_facts& step : facts.steps) step.keeps_dy = step.reads_x = step.reads_y = false;
        for (step_facts& step : facts.steps) step.in_place |= step.input_count == 1 && step.output_size == 1;
        const training_plan<Steps> plan(facts, net.input_gradient);
        found += one_array(net, plan).train() != "";
    });
    CHECK(found > 100);
}
