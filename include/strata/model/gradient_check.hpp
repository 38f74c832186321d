#pragma once

#include "strata/core/random.hpp"
#include "strata/core/text.hpp"
#include "strata/model/batch_run.hpp"
#include "strata/model/network.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace strata::authoring {
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

/// A tensor of parameters, or of state.
struct checked_tensor {
    const parameter* what;
    std::size_t offset;
    bool trained;
};

/// The arena of a network.
struct checked_values {
    std::size_t size;
    std::vector<checked_tensor> tensors;
};

using batch_function = batch_output (*)(const batch_input&);

/// A network as plain functions, so that the check is compiled once.
struct checked_network {
    std::size_t inputs, outputs;
    std::size_t index_count;  ///< as stage_needs::index_count
    std::size_t lanes;        ///< of a pack<double>
    bool needs_batch;         ///< whether a sample's result depends on others
    checked_values alone, inside;
    batch_function run;         ///< one sample after the other
    batch_function run_packs;   ///< with samples in lanes
    batch_function run_inside;  ///< inside of a larger network: see surrounded
};

/// y = 2 x, and its backward pass reads neither: whatever comes before and after it may share its memory.
struct Doubled {
    static constexpr std::string_view class_name = "Doubled";

    template <class In> struct on {
        using output = In;
        static constexpr auto parameters = no_parameters;
        static constexpr stage_needs needs{.backward_reads_x = false, .backward_reads_y = false, .in_place = true};

        template <class V> static void forward(forward_context<V> c) {
            for (std::size_t i = 0; i < In::size; ++i) c.y[i] = c.x[i] + c.x[i];
        }
        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            for (std::size_t i = 0; i < In::size; ++i) c.dx[i] = c.dy[i] + c.dy[i];
        }
    };
};

/// The sum of the results of two branches.
struct SumOfTwo {
    static constexpr std::string_view class_name = "SumOfTwo";

    template <class In, class> struct on {
        using output = In;
        static constexpr auto parameters = no_parameters;
        static constexpr stage_needs needs{.backward_reads_x = false, .backward_reads_y = false, .adds_inputs = true};

        template <class V> static void forward(forward_context<V, 2> c) {
            for (std::size_t i = 0; i < In::size; ++i) c.y[i] = c.x[0][i] + c.x[1][i];
        }
    };
};

/// 2 layers(2 x) + layers(x), in one network, whose plan makes use of all that the layers say of their memory. Indices
/// cannot be doubled.
template <bool Indices, class... Layers> struct surrounded {
    struct chain {
        using is_composite = void;
        template <class Graph> using expand = typename Graph::template then<Layers...>;
    };
    struct doubled {
        using is_composite = void;
        template <class Graph>
        using expand =
            typename std::conditional_t<Indices, Graph,
                                        typename Graph::template then<Doubled>>::template then<Layers..., Doubled>;
    };
    using is_composite = void;
    template <class Graph> using expand = typename Graph::template merged<SumOfTwo, doubled, chain>;
};

/// See gradient_check.
class gradient_checker {
public:
    gradient_checker(checked_network network, const gradient_check_options& options)
        : network_{std::move(network)}, options_{options} {}

    gradient_report run() {
        const std::size_t count = network_.needs_batch ? 5 : 1;
        compare_derivatives("", network_.alone, network_.run, count);
        report_.compared = compared_;
        compare_derivatives(", inside of a larger network,", network_.inside, network_.run_inside, count);
        if (report_.passed()) compare_lanes();
        return report_;
    }

private:
    std::vector<double> uniform(std::size_t size, std::uint64_t stream) const {
        random_stream random(options_.seed, stream);
        std::vector<double> values(size);
        for (double& value : values) value = random.symmetric(1);
        return values;
    }

    batch_input random_batch(const checked_values& values, std::size_t count, std::uint64_t stream) const {
        batch_input in;
        in.x = uniform(count * network_.inputs, stream);
        if (network_.index_count > 0) {
            for (double& value : in.x) value = std::floor((value + 1) / 2 * static_cast<double>(network_.index_count));
        }
        in.dy = uniform(count * network_.outputs, stream + 1);
        in.values = uniform(values.size, stream + 2);
        in.seed = options_.seed;
        for (const checked_tensor& tensor : values.tensors) {
            if (tensor.trained) continue;
            random_stream random(options_.seed, stream + 3);
            tensor.what->start({{in.values.data() + tensor.offset, tensor.what->size()},
                                tensor.what->shape(),
                                tensor.what->fan,
                                random});
        }
        return in;
    }

    /// Compares all derivatives with differences of the scalar that is checked: the outputs, weighted by fixed random
    /// numbers.
    void compare_derivatives(std::string_view where, const checked_values& values, batch_function compute,
                             std::size_t count) {
        batch_input in = random_batch(values, count, 0);
        const batch_output found = compute(in);
        in.backward = false;
        const auto objective = [&] {
            const batch_output out = compute(in);
            double sum = 0;
            for (std::size_t i = 0; i < out.y.size(); ++i) sum += out.y[i] * in.dy[i];
            return sum;
        };
        if (network_.index_count == 0) compare(objective, concat({"the input", where}), in.x, found.dx.data());
        for (const checked_tensor& tensor : values.tensors) {
            if (!tensor.trained) continue;
            compare(objective, concat({"the parameter ", tensor.what->name, where}),
                    {in.values.data() + tensor.offset, tensor.what->size()}, found.gradients.data() + tensor.offset);
        }
    }

    template <class Objective>
    void compare(const Objective& objective, const std::string& what, std::span<double> values,
                 const double* derivatives) {
        double scale = 0;
        for (std::size_t i = 0; i < values.size(); ++i) scale = std::max(scale, std::abs(derivatives[i]));
        for (std::size_t i = 0; i < values.size() && report_.passed(); ++i) {
            const double start = values[i];
            values[i] = start + options_.step;
            const double above = objective();
            values[i] = start - options_.step;
            const double estimate = (above - objective()) / (2 * options_.step);
            values[i] = start;
            const double error = std::abs(derivatives[i] - estimate) / std::max(scale, 1e-3);
            report_.largest_error = std::max(report_.largest_error, error);
            ++compared_;
            if (!(error <= options_.tolerance)) {
                report_.problem = concat({"the derivative with respect to value ", i, " of ", what, " is ",
                                          exact_text(derivatives[i]), ", but differences give ", exact_text(estimate)});
            }
        }
        if (scale == 0 && report_.passed())
            report_.problem = concat({"every derivative with respect to ", what, " is zero, which shows nothing"});
    }

    /// Whether the samples in the lanes of a pack, and one alone in another pack, have the results that they have one
    /// by one.
    void compare_lanes() {
        const batch_input in = random_batch(network_.alone, network_.lanes + 1, 4);
        const batch_output expected = network_.run(in), found = network_.run_packs(in);
        require_near("an output", found.y, expected.y);
        require_near("a derivative with respect to the input", found.dx, expected.dx);
        require_near("a derivative with respect to a parameter", found.gradients, expected.gradients);
        require_near("a value after the step", found.values, expected.values);
    }

    void require_near(std::string_view what, const std::vector<double>& found, const std::vector<double>& expected) {
        constexpr double tolerance = 1e-9;  // sums have another order in lanes
        double scale = 1e-3;
        for (const double value : expected) scale = std::max(scale, std::abs(value));
        for (std::size_t i = 0; i < found.size() && report_.passed(); ++i) {
            if (std::abs(found[i] - expected[i]) <= tolerance * scale) continue;
            report_.problem =
                concat({"for several samples at once ", what, " is ", exact_text(found[i]),
                        ", for one after the other ", exact_text(expected[i]),
                        ": a layer must neither branch on a cell nor call std::max, but use math::select and "
                        "math::max"});
        }
    }

    checked_network network_;
    gradient_check_options options_;
    gradient_report report_;
    std::size_t compared_ = 0;
};

template <class Network> checked_values checked_values_of() {
    checked_values values{Network::value_count, {}};
    Network::for_each_value([&](std::size_t, const parameter& p, std::size_t offset, bool trained) {
        values.tensors.push_back({&p, offset, trained});
    });
    return values;
}

template <class In, class... Layers> checked_network checked_network_of() {
    using network = authoring::network<In, Layers...>;
    constexpr std::size_t index_count = network::template index_count<double>;
    using larger = authoring::network<In, surrounded<(index_count > 0), Layers...>>;
    return {.inputs = network::input::size,
            .outputs = network::output::size,
            .index_count = index_count,
            .lanes = lanes<pack<double>>,
            .needs_batch = network::template coupled_count<double> > 0,
            .alone = checked_values_of<network>(),
            .inside = checked_values_of<larger>(),
            .run = run_batch<network, double>,
            .run_packs = run_batch<network, pack<double>>,
            .run_inside = run_batch<larger, double>};
}

}  // namespace detail

/// Compares a layer's `backward` with central differences of its `forward`, in double, for every input and every
/// parameter: `gradient_check<Input<5, 7, 3>, Conv2D<4>>().passed()`. Inputs and parameters are uniform in [-1, 1). A
/// tensor whose derivatives are all zero does not pass: nothing would have been checked. Several samples at once, one
/// in each lane, must have the results that they have one by one, and so must the layer inside of a larger network,
/// where it shares memory with others. Also takes several layers.
template <class In, class... Layers> gradient_report gradient_check(const gradient_check_options& options = {}) {
    return detail::gradient_checker(detail::checked_network_of<typename In::output, Layers...>(), options).run();
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::gradient_check;
using authoring::gradient_report;
}  // namespace strata
