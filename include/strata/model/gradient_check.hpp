#pragma once

#include "strata/core/text.hpp"
#include "strata/model/network.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace strata {
inline namespace STRATA_ISA {

/// What gradient_check found.
struct gradient_report {
    /// The largest difference between a derivative and its estimate, relative to the largest derivative of its tensor.
    double largest_error = 0;
    /// How many derivatives were compared.
    std::size_t compared = 0;
    /// What is wrong, or nothing.
    std::string problem{};

    bool passed() const { return problem.empty(); }
};

struct gradient_check_options {
    std::uint64_t seed = 1;
    double step = 1e-5;
    double tolerance = 1e-6;
};

namespace detail {

template <class Network> class gradient_checker {
    static constexpr std::size_t inputs = Network::input::size, outputs = Network::output::size;

public:
    explicit gradient_checker(const gradient_check_options& options) : options_{options} {
        random_stream random(options.seed, 0);
        const auto fill = [&](std::vector<double>& values, std::size_t size) {
            values.resize(size);
            for (double& value : values) value = random.symmetric(1);
        };
        fill(x_, inputs);
        fill(parameters_, Network::parameter_count);
        fill(upstream_, outputs);
    }

    gradient_report run() {
        const passes found = passes_of<double>(x_);
        compare("the input", x_.data(), found.input_gradient.data(), inputs);
        Network::for_each_parameter([&](std::size_t, const parameter& p, std::size_t offset) {
            compare(concat({"the parameter ", p.name}), parameters_.data() + offset, found.gradients.data() + offset,
                    p.size());
        });
        if (report_.passed()) compare_lanes();
        return report_;
    }

private:
    /// What forward and backward compute of some samples, one after the other; the gradients are sums over them.
    struct passes {
        std::vector<double> y, input_gradient, gradients;
    };

    template <class V> passes passes_of(const std::vector<double>& x) {
        // What backward has to add to, and what it has to overwrite, starts at values that would show.
        constexpr double before = 0.5;
        passes found{{}, {}, std::vector<double>(Network::parameter_count, before)};
        aligned_vector<V> cells(Network::template training_cells<V>, V(1e3));
        const auto put = [](const std::vector<double>& samples, std::size_t size, V* to) {
            for (std::size_t i = 0; i < size * lanes<V>; ++i)
                as_lanes(to)[i] = samples[(i % lanes<V> * size + i / lanes<V>) % samples.size()];
        };
        const auto take = [](const V* from, std::size_t size, std::vector<double>& samples) {
            samples.resize(size * lanes<V>);
            for (std::size_t i = 0; i < samples.size(); ++i)
                samples[i % lanes<V> * size + i / lanes<V>] = as_lanes(from)[i];
        };
        put(x, inputs, cells.data());
        take(Network::template forward<Network::depth>(cells.data(), parameters_.data()), outputs, found.y);
        put(upstream_, outputs, Network::output_gradient(cells.data()));
        take(Network::template backward<Network::depth, true>(cells.data(), parameters_.data(), found.gradients.data()),
             inputs, found.input_gradient);
        for (double& g : found.gradients) g -= before;
        return found;
    }

    /// Whether the samples in the lanes of a pack come to what they do one by one.
    void compare_lanes() {
        constexpr std::size_t count = lanes<pack<double>>;
        random_stream random(options_.seed, 1);
        std::vector<double> x(count * inputs);
        for (double& value : x) value = random.symmetric(1);
        passes expected{{}, {}, std::vector<double>(Network::parameter_count)};
        for (auto sample = x.begin(); sample != x.end(); sample += inputs) {
            const passes one = passes_of<double>({sample, sample + inputs});
            expected.y.insert(expected.y.end(), one.y.begin(), one.y.end());
            expected.input_gradient.insert(expected.input_gradient.end(), one.input_gradient.begin(),
                                           one.input_gradient.end());
            for (std::size_t i = 0; i < one.gradients.size(); ++i) expected.gradients[i] += one.gradients[i];
        }
        const passes found = passes_of<pack<double>>(x);
        require_near("an output", found.y, expected.y);
        require_near("a derivative with respect to the input", found.input_gradient, expected.input_gradient);
        require_near("a derivative with respect to a parameter", found.gradients, expected.gradients);
    }

    void require_near(const char* what, const std::vector<double>& found, const std::vector<double>& expected) {
        double scale = 1e-3;
        for (const double value : expected) scale = std::max(scale, std::abs(value));
        for (std::size_t i = 0; i < found.size() && report_.passed(); ++i) {
            if (std::abs(found[i] - expected[i]) <= lane_tolerance * scale) continue;
            report_.problem = concat({"for several samples at once ", what, " is ", exact_text(found[i]),
                                      ", for one after the other ", exact_text(expected[i]),
                                      ": a layer must neither branch on a cell nor call std::max, but use math::select "
                                      "and math::max"});
        }
    }

    static constexpr double lane_tolerance = 1e-9;  // sums have another order in lanes

    /// The scalar whose derivatives are compared: the outputs, weighted by fixed random numbers.
    double objective() {
        std::copy(x_.begin(), x_.end(), cells_.begin());
        const double* y = Network::template forward<Network::depth>(cells_.data(), parameters_.data());
        double sum = 0;
        for (std::size_t i = 0; i < outputs; ++i) sum += y[i] * upstream_[i];
        return sum;
    }

    void compare(const std::string& what, double* values, const double* derivatives, std::size_t count) {
        double scale = 0;
        for (std::size_t i = 0; i < count; ++i) scale = std::max(scale, std::abs(derivatives[i]));
        for (std::size_t i = 0; i < count && report_.passed(); ++i) {
            const double value = values[i];
            values[i] = value + options_.step;
            const double above = objective();
            values[i] = value - options_.step;
            const double estimate = (above - objective()) / (2 * options_.step);
            values[i] = value;
            const double error = std::abs(derivatives[i] - estimate) / std::max(scale, 1e-3);
            report_.largest_error = std::max(report_.largest_error, error);
            ++report_.compared;
            if (!(error <= options_.tolerance)) {
                report_.problem = concat({"the derivative with respect to value ", i, " of ", what, " is ",
                                          exact_text(derivatives[i]), ", but differences give ", exact_text(estimate)});
            }
        }
        if (scale == 0 && report_.passed()) {
            report_.problem = concat({"every derivative with respect to ", what, " is zero, which shows nothing"});
        }
    }

    gradient_check_options options_;
    gradient_report report_;
    std::vector<double> x_, parameters_, upstream_;
    aligned_vector<double> cells_ = aligned_vector<double>(Network::template training_cells<double>);
};

}  // namespace detail

/// Compares a layer's `backward` with central differences of its `forward`, in double, for every input and every
/// parameter: `gradient_check<Input<5, 7, 3>, Conv2D<4>>().passed()`. Inputs and parameters are uniform in [-1, 1). A
/// tensor whose derivatives are all zero does not pass: nothing would have been checked. Several samples at once, one
/// in each lane, have to come to what they do one by one. Also takes several layers.
template <class In, class... Layers> gradient_report gradient_check(const gradient_check_options& options = {}) {
    return detail::gradient_checker<network<typename In::output, Layers...>>(options).run();
}

}  // namespace STRATA_ISA
}  // namespace strata
