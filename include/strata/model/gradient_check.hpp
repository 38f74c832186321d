#pragma once

#include "strata/core/text.hpp"
#include "strata/model/network.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace strata::inline STRATA_ISA {

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
        // What backward has to add to, and what it has to overwrite, starts at values that would show.
        constexpr double before = 0.5;
        std::vector<double> gradients(Network::parameter_count, before);
        std::fill(cells_.begin(), cells_.end(), 1e3);
        objective();
        std::copy(upstream_.begin(), upstream_.end(), Network::output_gradient(cells_.data()));
        const double* dx =
            Network::template backward<Network::depth, true>(cells_.data(), parameters_.data(), gradients.data());
        const std::vector<double> input_gradient(dx, dx + inputs);
        for (double& g : gradients) g -= before;

        compare("the input", x_.data(), input_gradient.data(), inputs);
        Network::for_each_parameter([&](std::size_t, const parameter& p, std::size_t offset) {
            compare(concat({"the parameter ", p.name}), parameters_.data() + offset, gradients.data() + offset,
                    p.size());
        });
        return report_;
    }

private:
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
/// tensor whose derivatives are all zero does not pass: nothing would have been checked. Also takes several layers.
template <class In, class... Layers> gradient_report gradient_check(const gradient_check_options& options = {}) {
    return detail::gradient_checker<network<typename In::output, Layers...>>(options).run();
}

}  // namespace strata::inline STRATA_ISA
