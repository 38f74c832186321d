#pragma once

#include "strata/optimizers/apply.hpp"
#include "support/keras_vectors.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

/// Optimizers outside of a model: on the vectors of Keras.
namespace strata::authoring::test {

/// The values of an arena, one list for each step.
using steps_of_arena = std::vector<std::vector<double>>;

/// An arena's parameters after each step of an optimizer, for given gradients.
template <class V, class Optimizer>
steps_of_arena run_optimizer(const Optimizer& optimizer, const std::vector<double>& start,
                             const steps_of_arena& gradients) {
    using T = scalar_t<V>;
    const std::size_t arena = round_up(start.size(), lanes<V>);
    aligned_vector<T> parameters(arena), gradient(arena);
    std::copy(start.begin(), start.end(), parameters.begin());
    optimizer_state<T> state(Optimizer::slot_count, arena);
    steps_of_arena after;
    for (std::size_t step = 0; step < gradients.size(); ++step) {
        std::copy(gradients[step].begin(), gradients[step].end(), gradient.begin());
        // Whole registers, without apply_rule: half of the time to compile.
        const auto rule = optimizer.template rule<V>(step + 1);
        for (std::size_t k = 0; k < arena; k += lanes<V>) {
            V w = load<V>(&parameters[k]), slot[Optimizer::slot_count + 1];
            for (std::size_t s = 0; s < Optimizer::slot_count; ++s) slot[s] = load<V>(&state.values[s][k]);
            rule(w, load<V>(&gradient[k]), slot);
            store<V>(w, &parameters[k]);
            for (std::size_t s = 0; s < optimizer.kept_slots(); ++s) store<V>(slot[s], &state.values[s][k]);
        }
        after.emplace_back(parameters.begin(), parameters.begin() + static_cast<std::ptrdiff_t>(start.size()));
    }
    return after;
}

/// optimizers.safetensors: two variables, of shape (3, 5) and (7), one behind the other in an arena.
class optimizer_vectors {
public:
    std::vector<std::string> cases() const { return vectors_.cases(); }
    std::vector<double> start() const { return joined("inputs/a0", "inputs/b0", 1)[0]; }
    steps_of_arena gradients() const { return joined("inputs/ga", "inputs/gb", steps); }

    /// The largest error over all steps and values of a case, relative to the largest value.
    double error(const std::string& name, const steps_of_arena& found) const {
        const auto expected = joined(name + "/a", name + "/b", steps);
        double largest = 0, error = 0;
        for (std::size_t step = 0; step < steps; ++step) {
            for (std::size_t i = 0; i < expected[step].size(); ++i) {
                largest = std::max(largest, std::abs(expected[step][i]));
                const double difference = std::abs(found.at(step).at(i) - expected[step][i]);
                error = difference <= error ? error : difference;  // NaN counts as an error
            }
        }
        return error / largest;
    }

private:
    static constexpr std::size_t steps = 6;

    steps_of_arena joined(const std::string& a, const std::string& b, std::size_t count) const {
        steps_of_arena result(count);
        for (const std::string& name : {a, b}) {
            const auto values = vectors_.tensor(name).values;
            const std::size_t size = values.size() / count;
            for (std::size_t step = 0; step < count; ++step) {
                const auto first = values.begin() + static_cast<std::ptrdiff_t>(step * size);
                result[step].insert(result[step].end(), first, first + static_cast<std::ptrdiff_t>(size));
            }
        }
        return result;
    }

    keras_vectors vectors_{"optimizers"};
};

}  // namespace strata::authoring::test
