#pragma once

#include "strata/core/random.hpp"
#include "strata/model/memory_plan.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Random networks whose steps compute numbers from all that they may read, run in one array by a plan, and in arrays
/// of their own.
namespace strata::authoring::test {

using number = std::uint64_t;
using numbers = std::vector<number>;

/// A number that no stage has computed.
inline constexpr number garbage = 0xDEAD;

inline number mix(number a, number b) {
    a ^= b + 0x9E3779B97F4A7C15 + (a << 6) + (a >> 2);
    return a * 0xBF58476D1CE4E5B9 ^ (a >> 29);
}

inline number mix_all(number start, const numbers& values) {
    for (const number value : values) start = mix(start, value);
    return start;
}

/// A network of steps with random facts, and how it is run.
struct random_network {
    std::vector<step_facts> steps;
    std::vector<std::size_t> sizes;
    bool input_gradient = false;
    bool starts_before_last = false;  ///< the loss takes the place of the last step, as that of a Softmax

    explicit random_network(random_stream& random) {
        const auto chance = [&](double p) { return random.uniform() < p; };
        const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random.below(n)); };
        const std::size_t depth = 1 + below(12);
        sizes.push_back(1 + below(4));
        std::vector<bool> read(depth, false);
        for (std::size_t i = 0; i < depth; ++i) {
            step_facts step;
            const auto add_input = [&](std::size_t a) {
                step.inputs[step.input_count++] = a;
                read[a] = true;
            };
            const bool is_last = i + 1 == depth;
            if (!is_last || i == 0 || chance(0.5)) add_input(chance(0.6) ? i : below(i + 1));
            if (is_last) {  // every activation is read, as in networks of layers
                for (std::size_t a = 0; a < depth && step.input_count < step_facts::most_inputs; ++a) {
                    if (!read[a]) add_input(a);
                }
                if (step.input_count == 0) add_input(i);
            } else if (chance(0.4)) {
                add_input(below(i + 1));
                if (chance(0.3)) add_input(below(i + 1));
            }
            const std::size_t size = sizes[step.inputs[0]];
            const bool alike = std::all_of(step.inputs.begin(), step.inputs.begin() + std::ptrdiff_t(step.input_count),
                                           [&](std::size_t a) { return sizes[a] == size; });
            step.output_size = 1 + below(4);
            step.reads_x = chance(0.5);
            step.reads_y = chance(0.5);
            step.keeps_dy = chance(0.5);
            step.trained = chance(0.4);
            if (chance(0.5)) step.scratch = below(4);
            if (chance(0.3)) step.backward_scratch = below(4);
            if (chance(0.3)) step.kept = below(4);
            if (step.input_count > 1 && alike && chance(0.6)) {
                step.adds = true;
            } else if (step.input_count == 1 && chance(0.2)) {
                step.moves_nothing = true;
            } else if (step.input_count == 1 && chance(0.4)) {
                step.in_place = true;
                step.reads_x = false;
            }
            if (step.adds || step.moves_nothing) {
                step.trained = step.reads_x = step.reads_y = false;
                step.scratch = step.backward_scratch = step.kept = 0;
            }
            if (step.adds || step.moves_nothing || step.in_place) step.output_size = size;
            steps.push_back(step);
            sizes.push_back(step.output_size);
        }
        input_gradient = chance(0.5);
        step_facts& last = steps.back();
        if (last.input_count == 1 && last.inputs[0] + 1 == depth && chance(0.5) && !last.moves_nothing) {
            starts_before_last = true;
            last.trained = last.in_place = false;
            last.scratch = last.backward_scratch = last.kept = 0;
        }
    }

    std::size_t depth() const { return steps.size(); }

    /// Whether each activation is read by a step.
    bool is_connected() const {
        std::vector<bool> read(depth());
        for (const step_facts& step : steps) {
            for (std::size_t k = 0; k < step.input_count; ++k) read[step.inputs[k]] = true;
        }
        return std::find(read.begin(), read.end(), false) == read.end();
    }

    /// What a step makes of its inputs, and what it keeps.
    numbers output(std::size_t i, const std::vector<numbers>& x) const {
        const step_facts& step = steps[i];
        if (step.moves_nothing) return x[0];
        numbers y(step.output_size);
        for (std::size_t j = 0; j < y.size(); ++j) {
            if (step.adds) {
                for (const numbers& input : x) y[j] += input[j];
            } else if (step.in_place) {
                y[j] = mix(i, x[0][j]);
            } else {
                y[j] = mix(i, j);
                for (const numbers& input : x) y[j] = mix_all(y[j], input);
            }
        }
        return y;
    }
    numbers kept(std::size_t i, const std::vector<numbers>& x) const {
        numbers cells(steps[i].kept);
        for (std::size_t j = 0; j < cells.size(); ++j) cells[j] = mix_all(mix(100 + i, j), x[0]);
        return cells;
    }

    /// The gradient with respect to input k: of all that a step may read.
    numbers gradient(std::size_t i, std::size_t k, const std::vector<numbers>& x, const numbers& y, const numbers& kept,
                     const numbers& dy) const {
        const step_facts& step = steps[i];
        if (step.adds || step.moves_nothing) return dy;
        numbers dx(sizes[step.inputs[k]]);
        for (std::size_t j = 0; j < dx.size(); ++j) {
            dx[j] = mix(mix(200 + i, k), j);
            if (step.reads_x) {
                for (const numbers& input : x) dx[j] = mix_all(dx[j], input);
            }
            if (step.reads_y) dx[j] = mix_all(dx[j], y);
            dx[j] = mix_all(dx[j], kept);
            dx[j] = step.in_place ? mix(dx[j], dy[j]) : mix_all(dx[j], dy);
        }
        return dx;
    }
};

inline numbers start_values(std::size_t size, number seed) {
    numbers values(size);
    for (std::size_t j = 0; j < size; ++j) values[j] = mix(seed, j);
    return values;
}

/// Every value of a network, each in an array of its own.
struct separate_arrays {
    std::vector<numbers> activations, kept, gradients;

    explicit separate_arrays(const random_network& net)
        : activations{start_values(net.sizes[0], 7)}, gradients(net.depth() + 1) {
        for (std::size_t i = 0; i < net.depth(); ++i) {
            kept.push_back(net.kept(i, inputs_of(net, i)));
            activations.push_back(net.output(i, inputs_of(net, i)));
        }
        const std::size_t end = net.depth() - (net.starts_before_last ? 1 : 0);
        gradients[end] = start_values(net.sizes[end], 8);
        for (std::size_t i = end; i-- > 0;) {
            for (std::size_t k = 0; k < net.steps[i].input_count; ++k) {
                const numbers dx = net.gradient(i, k, inputs_of(net, i), activations[i + 1], kept[i], gradients[i + 1]);
                numbers& sum = gradients[net.steps[i].inputs[k]];
                sum.resize(dx.size());
                for (std::size_t j = 0; j < dx.size(); ++j) sum[j] += dx[j];
            }
        }
    }

    std::vector<numbers> inputs_of(const random_network& net, std::size_t i) const {
        std::vector<numbers> x;
        for (std::size_t k = 0; k < net.steps[i].input_count; ++k) x.push_back(activations[net.steps[i].inputs[k]]);
        return x;
    }
};

/// A plan for any number of steps. Without gradients: to predict.
struct any_plan {
    std::size_t cells = 0;
    std::vector<std::size_t> activations, scratch, kept, gradients, backward_scratch;
    std::vector<bool> needed;
    std::vector<std::array<gradient_flow, step_facts::most_inputs>> flows;
    std::vector<std::array<std::size_t, step_facts::most_inputs>> temporaries;
    std::vector<memory_range> live_after_loss;

    template <std::size_t Steps>
    any_plan(const inference_plan<Steps>& plan)  // NOLINT: the same
        : cells{plan.cells},
          activations(plan.activations.begin(), plan.activations.end()),
          scratch(plan.scratch.begin(), plan.scratch.end()),
          kept(plan.kept.begin(), plan.kept.end()) {}

    template <std::size_t Steps>
    any_plan(const training_plan<Steps>& plan)  // NOLINT: the same
        : cells{plan.cells},
          activations(plan.activations.begin(), plan.activations.end()),
          scratch(plan.scratch.begin(), plan.scratch.end()),
          kept(plan.kept.begin(), plan.kept.end()),
          gradients(plan.gradients.begin(), plan.gradients.end()),
          backward_scratch(plan.backward_scratch.begin(), plan.backward_scratch.end()),
          needed(plan.needed.begin(), plan.needed.end()),
          flows(plan.flows.begin(), plan.flows.end()),
          temporaries(plan.temporaries.begin(), plan.temporaries.end()),
          live_after_loss(plan.live_after_loss.begin(), plan.live_after_loss.end()) {}
};

/// A range of cells that a stage is given.
struct given {
    std::string what;
    std::size_t offset, size;
    bool written;

    bool overlaps(const given& other) const {
        return size > 0 && other.size > 0 && offset < other.offset + other.size && other.offset < offset + size;
    }
};

/// The same in one array, by a plan. `problem` is the first thing that is not as it should be.
class one_array {
public:
    one_array(const random_network& net, any_plan plan)
        : net_{net}, plan_{std::move(plan)}, expected_(net), cells_(plan_.cells, garbage) {}

    std::string infer() {
        write("the input", plan_.activations[0], expected_.activations[0]);
        for (std::size_t i = 0; i < net_.depth(); ++i) forward(i);
        read("the output", plan_.activations[net_.depth()], expected_.activations[net_.depth()]);
        return problem_.value_or("");
    }

    std::string train() {
        write("the input", plan_.activations[0], expected_.activations[0]);
        const std::size_t end = net_.depth() - (net_.starts_before_last ? 1 : 0);
        for (std::size_t i = 0; i < end; ++i) forward(i);
        read("what the loss is given", plan_.activations[end], expected_.activations[end]);
        write("the gradient of the loss", plan_.gradients[end], start_values(net_.sizes[end], 8));
        for (std::size_t i = end; i < net_.depth(); ++i) forward(i);
        read("the output", plan_.activations[net_.depth()], expected_.activations[net_.depth()]);
        read("the gradient of the loss", plan_.gradients[end], start_values(net_.sizes[end], 8));
        numbers left(cells_.size(), garbage);
        for (const memory_range& range : plan_.live_after_loss)
            std::copy_n(cells_.begin() + std::ptrdiff_t(range.offset), range.size,
                        left.begin() + std::ptrdiff_t(range.offset));
        cells_ = left;
        write("the gradient of the loss", plan_.gradients[end], start_values(net_.sizes[end], 8));
        for (std::size_t i = end; i-- > 0;) {
            if (plan_.needed[i + 1]) backward(i);
        }
        if (net_.input_gradient) read("the input's gradient", plan_.gradients[0], expected_.gradients[0]);
        return problem_.value_or("");
    }

private:
    std::string place(const std::string& what, std::size_t i) const { return what + " of step " + std::to_string(i); }

    void read(const std::string& what, std::size_t offset, const numbers& expected) {
        if (problem_ || expected.empty()) return;
        if (offset + expected.size() > cells_.size())
            problem_ = what + " lies behind the workspace";
        else if (!std::equal(expected.begin(), expected.end(), cells_.begin() + std::ptrdiff_t(offset)))
            problem_ = what + " is not what was written";
    }

    void write(const std::string& what, std::size_t offset, const numbers& values) {
        if (problem_ || values.empty()) return;
        if (offset + values.size() > cells_.size())
            problem_ = what + " lies behind the workspace";
        else
            std::copy(values.begin(), values.end(), cells_.begin() + std::ptrdiff_t(offset));
    }

    /// What is written overlaps nothing else, but for what works in place.
    void require_apart(std::size_t i, const std::vector<given>& all, const char* may_be, const char* same_as) {
        for (const given& one : all) {
            for (const given& other : all) {
                if (problem_ || &one == &other || !one.written || !one.overlaps(other)) continue;
                const bool in_place = net_.steps[i].in_place && one.what == may_be && other.what == same_as &&
                                      one.offset == other.offset && one.size == other.size;
                const bool turned = net_.steps[i].in_place && one.what == same_as && other.what == may_be &&
                                    one.offset == other.offset && one.size == other.size;
                if (!in_place && !turned) problem_ = place(one.what + " overlaps " + other.what, i);
            }
        }
    }

    void forward(std::size_t i) {
        const step_facts& step = net_.steps[i];
        std::vector<given> all;
        for (std::size_t k = 0; k < step.input_count; ++k) {
            const std::size_t a = step.inputs[k];
            read(place("x", i), plan_.activations[a], expected_.activations[a]);
            all.push_back({"x", plan_.activations[a], net_.sizes[a], false});
        }
        if (step.moves_nothing) {
            if (plan_.activations[i + 1] != plan_.activations[step.inputs[0]]) problem_ = place("something moves", i);
            return;
        }
        all.push_back({"y", plan_.activations[i + 1], step.output_size, true});
        all.push_back({"scratch", plan_.scratch[i], step.scratch, true});
        all.push_back({"kept", plan_.kept[i], step.kept, true});
        require_apart(i, all, "y", "x");
        write("scratch", plan_.scratch[i], numbers(step.scratch, garbage));
        write("kept", plan_.kept[i], expected_.kept[i]);
        write("y", plan_.activations[i + 1], expected_.activations[i + 1]);
    }

    void backward(std::size_t i) {
        const step_facts& step = net_.steps[i];
        const std::size_t dy = plan_.gradients[i + 1];
        const bool passed_on = step.adds || step.moves_nothing;
        read(place("dy", i), dy, expected_.gradients[i + 1]);
        if (!passed_on) run_backward(i);
        for (std::size_t k = 0; k < step.input_count; ++k) {
            const std::size_t u = step.inputs[k], size = net_.sizes[u];
            const std::size_t from = passed_on ? dy : plan_.temporaries[i][k], to = plan_.gradients[u];
            const gradient_flow flow = plan_.flows[i][k];
            if ((flow == gradient_flow::none) != !plan_.needed[u]) problem_ = place("a gradient flows nowhere", i);
            if (flow == gradient_flow::shared && (!passed_on || to != dy)) problem_ = place("what is shared moves", i);
            for (std::size_t j = 0; j < size && !problem_; ++j) {
                if (flow == gradient_flow::add) cells_[to + j] += cells_[from + j];
                if (flow == gradient_flow::write && passed_on) cells_[to + j] = cells_[from + j];
            }
        }
    }

    void run_backward(std::size_t i) {
        const step_facts& step = net_.steps[i];
        std::vector<given> all;
        for (std::size_t k = 0; k < step.input_count; ++k) {
            const std::size_t a = step.inputs[k];
            if (!step.reads_x) continue;
            read(place("x in the backward pass", i), plan_.activations[a], expected_.activations[a]);
            all.push_back({"x", plan_.activations[a], net_.sizes[a], false});
        }
        if (step.reads_y) {
            read(place("y in the backward pass", i), plan_.activations[i + 1], expected_.activations[i + 1]);
            all.push_back({"y", plan_.activations[i + 1], step.output_size, false});
        }
        read(place("kept", i), plan_.kept[i], expected_.kept[i]);
        const std::size_t dy = plan_.gradients[i + 1], scratch = std::max(step.scratch, step.backward_scratch);
        all.push_back({"kept", plan_.kept[i], step.kept, false});
        all.push_back({"dy", dy, step.output_size, !step.keeps_dy});
        all.push_back({"scratch", plan_.backward_scratch[i], scratch, true});
        std::vector<std::pair<std::size_t, numbers>> dx;
        for (std::size_t k = 0; k < step.input_count; ++k) {
            const std::size_t u = step.inputs[k];
            const bool written = plan_.flows[i][k] == gradient_flow::write;
            if (!written && plan_.flows[i][k] == gradient_flow::none && step.input_count == 1) continue;
            dx.emplace_back(written ? plan_.gradients[u] : plan_.temporaries[i][k],
                            net_.gradient(i, k, expected_.inputs_of(net_, i), expected_.activations[i + 1],
                                          expected_.kept[i], expected_.gradients[i + 1]));
            all.push_back({"dx", dx.back().first, net_.sizes[u], true});
        }
        require_apart(i, all, "dx", "dy");
        write("scratch", plan_.backward_scratch[i], numbers(scratch, garbage));
        if (!step.keeps_dy) write("dy", dy, numbers(step.output_size, garbage));
        for (const auto& [offset, values] : dx) write("dx", offset, values);
    }

    const random_network& net_;
    any_plan plan_;
    separate_arrays expected_;
    numbers cells_;
    std::optional<std::string> problem_;
};

}  // namespace strata::authoring::test
