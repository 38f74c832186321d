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

/// An arena's parameters after each step of an optimizer, for given gradients.
template <class V, class Optimizer>
std::vector<std::vector<double>> run_optimizer(const Optimizer& optimizer, const std::vector<double>& start,
                                               const std::vector<std::vector<double>>& gradients) {
    using T = scalar_t<V>;
    const std::size_t arena = round_up(start.size(), lanes<V>);
    aligned_vector<T> parameters(arena), gradient(arena);
    std::copy(start.begin(), start.end(), parameters.begin());
    optimizer_state<T> state(Optimizer::slot_count, arena);
    std::vector<std::vector<double>> after;
    for (std::size_t step = 0; step < gradients.size(); ++step) {
        std::copy(gradients[step].begin(), gradients[step].end(), gradient.begin());
        // In two parts, as two threads would, neither of which is a whole number of packs.
        const std::size_t part = start.size() / 3;
        apply_step<V>(optimizer, step + 1, 0, part, gradient.data(), state, parameters.data());
        apply_step<V>(optimizer, step + 1, part, start.size(), gradient.data() + part, state, parameters.data());
        after.emplace_back(parameters.begin(), parameters.begin() + static_cast<std::ptrdiff_t>(start.size()));
    }
    return after;
}

/// The largest error of a case of optimizers.safetensors over all steps and values, relative to the largest value.
template <class V, class Optimizer>
double error_of_case(const keras_vectors& vectors, const std::string& name, const Optimizer& optimizer) {
    const auto joined = [&](const std::string& a, const std::string& b, std::size_t step) {
        const auto first = vectors.tensor(a).values, second = vectors.tensor(b).values;
        constexpr std::size_t a_size = 15, b_size = 7;
        std::vector<double> values(first.begin() + static_cast<std::ptrdiff_t>(step * a_size),
                                   first.begin() + static_cast<std::ptrdiff_t>((step + 1) * a_size));
        values.insert(values.end(), second.begin() + static_cast<std::ptrdiff_t>(step * b_size),
                      second.begin() + static_cast<std::ptrdiff_t>((step + 1) * b_size));
        return values;
    };
    constexpr std::size_t steps = 6;
    std::vector<std::vector<double>> gradients;
    for (std::size_t step = 0; step < steps; ++step) gradients.push_back(joined("inputs/ga", "inputs/gb", step));
    const auto found = run_optimizer<V>(optimizer, joined("inputs/a0", "inputs/b0", 0), gradients);
    double largest = 0, error = 0;
    for (std::size_t step = 0; step < steps; ++step) {
        const auto expected = joined(name + "/a", name + "/b", step);
        for (std::size_t i = 0; i < expected.size(); ++i) {
            largest = std::max(largest, std::abs(expected[i]));
            const double difference = std::abs(found[step][i] - expected[i]);
            error = difference <= error ? error : difference;  // NaN counts as an error
        }
    }
    return error / largest;
}

}  // namespace strata::authoring::test
