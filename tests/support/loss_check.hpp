#pragma once

#include "strata/core/shape.hpp"
#include "strata/simd/memory.hpp"
#include "strata/simd/pack.hpp"
#include "support/keras_vectors.hpp"
#include "support/lanes.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

/// Losses outside of a model: on vectors of Keras, and against differences of their own value.
namespace strata::authoring::test {

/// The mean loss over N samples and its derivatives with respect to all outputs.
struct loss_result {
    double value = 0;
    std::vector<double> gradient;
};

/// A loss of outputs of one shape, without its type: what runs it is compiled once.
template <class V> struct any_loss {
    std::size_t outputs, targets;  ///< cells of a sample
    std::function<V(const V* y, const V* target, const V& weight, V* dy)> value;
};

/// `Logits`: whether y is what a last Softmax or Sigmoid would be applied to.
template <class V, class Output, bool Logits, class Loss> any_loss<V> loss_on(const Loss& loss) {
    return {Output::size, Loss::template target<Output>::size,
            [loss](const V* y, const V* target, const V& weight, V* dy) -> V {
                return loss.template value<Output, Logits>(y, target, weight, dy);
            }};
}

/// Lays N samples into the lanes of V, as training does.
template <class V>
loss_result run_loss(const any_loss<V>& loss, const std::vector<double>& y, const std::vector<double>& target,
                     const std::vector<double>& weights) {
    using T = scalar_t<V>;
    constexpr std::size_t L = lanes<V>;
    const std::size_t samples = y.size() / loss.outputs;
    loss_result result{0, std::vector<double>(y.size())};
    for (std::size_t first = 0; first < samples; first += L) {
        aligned_vector<V> outputs(loss.outputs), targets(loss.targets), gradient(loss.outputs);
        V weight(T(0));
        for (std::size_t n = 0; n < L; ++n) {
            const std::size_t sample = std::min(first + n, samples - 1);
            for (std::size_t i = 0; i < loss.outputs; ++i)
                as_lanes(outputs.data())[i * L + n] = T(y[sample * loss.outputs + i]);
            for (std::size_t i = 0; i < loss.targets; ++i)
                as_lanes(targets.data())[i * L + n] = T(target[sample * loss.targets + i]);
            if (first + n < samples)
                as_lanes(&weight)[n] = T((weights.empty() ? 1 : weights[sample]) / double(samples));
        }
        const V losses = loss.value(outputs.data(), targets.data(), weight, gradient.data());
        for (std::size_t n = 0; n < L && first + n < samples; ++n) {
            result.value += double(as_lanes(&losses)[n]) * double(as_lanes(&weight)[n]);
            for (std::size_t i = 0; i < loss.outputs; ++i)
                result.gradient[(first + n) * loss.outputs + i] = double(as_lanes(gradient.data())[i * L + n]);
        }
    }
    return result;
}

template <class V, std::size_t Outputs, bool Logits, class Loss>
loss_result run_loss(const Loss& loss, const std::vector<double>& y, const std::vector<double>& target,
                     const std::vector<double>& weights) {
    return run_loss<V>(loss_on<V, shape<Outputs>, Logits>(loss), y, target, weights);
}

/// How far a loss is from a case of Keras': the larger error of its value and its gradient.
template <class V>
double error_of_case(const keras_vectors& vectors, const std::string& name, const any_loss<V>& loss) {
    const auto tensor = [&](const std::string& part) { return vectors.tensor(name + "/" + part).values; };
    const auto weights = vectors.contains(name + "/sample_weight") ? tensor("sample_weight") : std::vector<double>{};
    const loss_result result = run_loss<V>(loss, tensor("y_pred"), tensor("y_true"), weights);
    return std::max(relative_error(std::vector{result.value}, tensor("loss")),
                    relative_error(result.gradient, tensor("d_y_pred")));
}

/// How far the gradient is from central differences of the value.
inline double error_of_differences(const any_loss<double>& loss, std::vector<double> y,
                                   const std::vector<double>& target, const std::vector<double>& weights,
                                   double step = 1e-5) {
    const auto value = [&] { return run_loss<double>(loss, y, target, weights).value; };
    const auto gradient = run_loss<double>(loss, y, target, weights).gradient;
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

template <std::size_t Outputs, bool Logits, class Loss>
double error_of_differences(const Loss& loss, const std::vector<double>& y, const std::vector<double>& target,
                            const std::vector<double>& weights) {
    return error_of_differences(loss_on<double, shape<Outputs>, Logits>(loss), y, target, weights);
}

/// How far the second derivatives of the loss of one sample are from central differences of its gradient.
template <class Output, bool Logits, class Loss>
double error_of_second_differences(const Loss& loss, std::vector<double> y, const std::vector<double>& target) {
    const double weight = 0.7, step = 1e-5;
    std::vector<double> found(y.size()), gradient(y.size()), estimates;
    loss.template second_derivatives<Output, Logits>(y.data(), target.data(), weight, found.data());
    for (std::size_t i = 0; i < y.size(); ++i) {
        const double before = y[i];
        const auto slope_at = [&](double cell) {
            y[i] = cell;
            loss.template value<Output, Logits>(y.data(), target.data(), weight, gradient.data());
            return gradient[i];
        };
        estimates.push_back((slope_at(before + step) - slope_at(before - step)) / (2 * step));
        y[i] = before;
    }
    return relative_error(found, estimates);
}

}  // namespace strata::authoring::test
