#pragma once

#include "strata/core/shape.hpp"
#include "strata/simd/memory.hpp"
#include "strata/simd/pack.hpp"
#include "support/keras_vectors.hpp"
#include "support/lanes.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

/// Losses outside of a model: on vectors of Keras, and against differences of their own value.
namespace strata::authoring::test {

/// The mean loss over N samples and its derivatives with respect to all outputs.
struct loss_result {
    double value = 0;
    std::vector<double> gradient;
};

/// Lays N samples into the lanes of V, as training does. `Logits`: whether y is what a Softmax would be applied to.
template <class V, std::size_t Outputs, bool Logits, class Loss>
loss_result run_loss(const Loss& loss, const std::vector<double>& y, const std::vector<double>& target,
                     const std::vector<double>& weights) {
    using T = scalar_t<V>;
    using output = shape<Outputs>;
    constexpr std::size_t L = lanes<V>, target_size = Loss::template target<output>::size;
    const std::size_t samples = y.size() / Outputs;
    loss_result result{0, std::vector<double>(y.size())};
    for (std::size_t first = 0; first < samples; first += L) {
        aligned_vector<V> outputs(Outputs), targets(target_size), gradient(Outputs);
        V weight(T(0));
        for (std::size_t n = 0; n < L; ++n) {
            const std::size_t sample = std::min(first + n, samples - 1);
            for (std::size_t i = 0; i < Outputs; ++i) as_lanes(outputs.data())[i * L + n] = T(y[sample * Outputs + i]);
            for (std::size_t i = 0; i < target_size; ++i) {
                as_lanes(targets.data())[i * L + n] = T(target[sample * target_size + i]);
            }
            if (first + n < samples)
                as_lanes(&weight)[n] = T((weights.empty() ? 1 : weights[sample]) / double(samples));
        }
        const V losses = loss.template value<output, Logits>(outputs.data(), targets.data(), weight, gradient.data());
        for (std::size_t n = 0; n < L && first + n < samples; ++n) {
            result.value += double(as_lanes(&losses)[n]) * double(as_lanes(&weight)[n]);
            for (std::size_t i = 0; i < Outputs; ++i) {
                result.gradient[(first + n) * Outputs + i] = double(as_lanes(gradient.data())[i * L + n]);
            }
        }
    }
    return result;
}

/// How far a loss is from a case of losses.safetensors: the larger error of its value and its gradient.
template <class V, class Loss>
double error_of_case(const keras_vectors& vectors, const std::string& name, const Loss& loss) {
    const auto tensor = [&](const std::string& part) { return vectors.tensor(name + "/" + part).values; };
    const auto weights = vectors.contains(name + "/sample_weight") ? tensor("sample_weight") : std::vector<double>{};
    const loss_result result = run_loss<V, 10, false>(loss, tensor("y_pred"), tensor("y_true"), weights);
    return std::max(relative_error(std::vector{result.value}, tensor("loss")),
                    relative_error(result.gradient, tensor("d_y_pred")));
}

/// How far the gradient is from central differences of the value.
template <std::size_t Outputs, bool Logits, class Loss>
double error_of_differences(const Loss& loss, std::vector<double> y, const std::vector<double>& target,
                            const std::vector<double>& weights, double step = 1e-5) {
    const auto value = [&] { return run_loss<double, Outputs, Logits>(loss, y, target, weights).value; };
    const auto gradient = run_loss<double, Outputs, Logits>(loss, y, target, weights).gradient;
    std::vector<double> estimates;
    for (double& cell : y) {
        const double before = cell;
        cell = before + step;
        const double above = value();
        cell = before - step;
        estimates.push_back((above - value()) / (2 * step));
        cell = before;
    }
    return relative_error(gradient, estimates);
}

}  // namespace strata::authoring::test
