#pragma once

#include "strata/kernels/activation/functions.hpp"
#include "strata/kernels/conv2d/direct/forward.hpp"
#include "strata/kernels/conv2d/direct/input_gradient.hpp"
#include "strata/kernels/conv2d/direct/weight_gradient.hpp"
#include "support/catch.hpp"
#include "support/lanes.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

/// What every convolution's test does: the kernels in double against loops as in a textbook, and the kernels on packs,
/// lane by lane, against those in double.
namespace strata::test {

using kernels::conv2d_geometry;

/// The geometry that Conv2D would make of this.
struct convolution {
    extent2d input;
    std::size_t channels;
    std::size_t filters;
    extent2d kernel;
    bool same = false;
    extent2d strides{1, 1};
    extent2d dilation{1, 1};
    std::size_t groups = 1;

    constexpr conv2d_geometry geometry() const {
        conv2d_geometry g{.input = input, .channels = channels, .output = {}, .filters = filters, .kernel = kernel};
        g.output = {kernels::window_outputs(same, input.rows, kernel.rows, strides.rows, dilation.rows),
                    kernels::window_outputs(same, input.columns, kernel.columns, strides.columns, dilation.columns)};
        g.before = {kernels::padding_before(same, input.rows, kernel.rows, strides.rows, dilation.rows),
                    kernels::padding_before(same, input.columns, kernel.columns, strides.columns, dilation.columns)};
        g.strides = strides;
        g.dilation = dilation;
        g.groups = groups;
        return g;
    }
};

inline std::string words(const conv2d_geometry& g) {
    const auto of = [](const extent2d& e) { return std::to_string(e.rows) + "x" + std::to_string(e.columns); };
    return "input " + of(g.input) + "x" + std::to_string(g.channels) + ", kernel " + of(g.kernel) + ", " +
           std::to_string(g.filters) + " filters";
}

/// Calls f(cell of x, weight, cell of y) for every product of a convolution.
template <class F> void for_each_product(const conv2d_geometry& g, F&& f) {
    const std::size_t channels = g.channels / g.groups, filters = g.filters / g.groups;
    for (std::size_t row = 0; row < g.output.rows; ++row)
        for (std::size_t column = 0; column < g.output.columns; ++column)
            for (std::size_t filter = 0; filter < g.filters; ++filter)
                for (std::size_t i = 0; i < g.kernel.rows; ++i)
                    for (std::size_t j = 0; j < g.kernel.columns; ++j)
                        for (std::size_t c = 0; c < channels; ++c) {
                            const auto at_row = std::ptrdiff_t(row * g.strides.rows + i * g.dilation.rows) -
                                                std::ptrdiff_t(g.before.rows);
                            const auto at_column = std::ptrdiff_t(column * g.strides.columns + j * g.dilation.columns) -
                                                   std::ptrdiff_t(g.before.columns);
                            if (at_row < 0 || at_row >= std::ptrdiff_t(g.input.rows)) continue;
                            if (at_column < 0 || at_column >= std::ptrdiff_t(g.input.columns)) continue;
                            const std::size_t channel = filter / filters * channels + c;
                            f((std::size_t(at_row) * g.input.columns + std::size_t(at_column)) * g.channels + channel,
                              ((i * g.kernel.columns + j) * channels + c) * g.filters + filter,
                              (row * g.output.columns + column) * g.filters + filter);
                        }
}

/// What the kernels of one geometry fill; there values lie that they have to overwrite or to add to. The parameters are
/// always the same.
template <conv2d_geometry G, class V> struct conv2d_results {
    using T = scalar_t<V>;
    static constexpr std::size_t inputs = G.input.rows * G.input.columns * G.channels;
    static constexpr std::size_t outputs = G.output.rows * G.output.columns * G.filters;

    aligned_vector<T> w = random_values<T>(G.weight_count(), 7), bias = random_values<T>(G.filters, 8);
    aligned_vector<V> y = unwritten_cells<V>(outputs), dx = unwritten_cells<V>(inputs);
    aligned_vector<T> dw = random_values<T>(G.weight_count(), 9);
};

/// The direct kernels, which the others are compared with.
template <conv2d_geometry G, class Activation, bool Bias, class V> struct reference_run : conv2d_results<G, V> {
    reference_run(const aligned_vector<V>& x, const aligned_vector<V>& dz) {
        kernels::conv2d_forward_pass<G, Activation, Bias, V>::run(x.data(), this->w.data(),
                                                                  Bias ? this->bias.data() : nullptr, this->y.data());
        kernels::conv2d_input_gradient<G, V>::run(dz.data(), this->w.data(), this->dx.data());
        kernels::conv2d_weight_gradient_by_samples<G, V>::run(x.data(), dz.data(), this->dw.data());
    }
};

/// The direct kernels with both forms of the weight gradient.
template <conv2d_geometry G, class Activation, bool Bias, class V>
struct direct_run : reference_run<G, Activation, Bias, V> {
    aligned_vector<scalar_t<V>> other_dw = conv2d_results<G, V>().dw;

    direct_run(const aligned_vector<V>& x, const aligned_vector<V>& dz) : reference_run<G, Activation, Bias, V>(x, dz) {
        kernels::conv2d_weight_gradient_by_filters<G, V>::run(x.data(), dz.data(), other_dw.data());
    }
};

/// What `Passes`, which have the functions of conv2d, compute.
template <class Passes, conv2d_geometry G, class Activation, bool Bias, class V>
struct passes_run : conv2d_results<G, V> {
    passes_run(const aligned_vector<V>& x, const aligned_vector<V>& dz) {
        auto scratch = unwritten_cells<V>(Passes::scratch);
        const auto* bias = Bias ? this->bias.data() : nullptr;
        Passes::template forward<Activation, Bias>(x.data(), this->w.data(), bias, this->y.data(), scratch.data());
        Passes::input_gradient(dz.data(), this->w.data(), this->dx.data(), scratch.data());
        Passes::weight_gradient(x.data(), dz.data(), this->dw.data(), scratch.data());
    }
};

/// What the forward pass computes with weights in the order of its tiles.
template <conv2d_geometry G, class Activation, bool Bias>
aligned_vector<double> forward_by_tiles(const aligned_vector<double>& x) {
    using by_tiles = kernels::conv2d_forward_pass<G, Activation, Bias, double, double, kernels::weight_order::tiles>;
    conv2d_results<G, double> run;
    aligned_vector<double> ordered(run.w.size());
    by_tiles::order_by_tiles(run.w.data(), ordered.data());
    by_tiles::run(x.data(), ordered.data(), Bias ? run.bias.data() : nullptr, run.y.data());
    return run.y;
}

/// Compares the kernels in double with loops as in a textbook.
template <conv2d_geometry G, class Activation, bool Bias> void check_with_textbook() {
    INFO(words(G));
    using run_in_double = direct_run<G, Activation, Bias, double>;
    const auto x = random_values(run_in_double::inputs, 1), dz = random_values(run_in_double::outputs, 2);
    const run_in_double run(x, dz);
    aligned_vector<double> y(run.y.size()), dx(run.dx.size()), dw = conv2d_results<G, double>().dw;
    for (std::size_t i = 0; Bias && i < y.size(); ++i) y[i] = run.bias[i % G.filters];
    for_each_product(G, [&](std::size_t input, std::size_t weight, std::size_t output) {
        y[output] += x[input] * run.w[weight];
        dx[input] += dz[output] * run.w[weight];
        dw[weight] += dz[output] * x[input];
    });
    for (double& value : y) value = Activation::apply(value);
    CHECK(relative_error(run.y, y) < rounding<double>);
    CHECK(forward_by_tiles<G, Activation, Bias>(x) == run.y);
    CHECK(relative_error(run.dx, dx) < rounding<double>);
    CHECK(relative_error(run.dw, dw) < rounding<double>);
    CHECK(relative_error(run.other_dw, dw) < rounding<double>);
}

/// Compares kernels on packs, lane by lane, with the direct ones in double; besides what `Run` must have, `other_y` and
/// `other_dw`, if it has them: what another form of the same pass computes.
template <template <conv2d_geometry, class, bool, class> class Run, conv2d_geometry G, class Activation, bool Bias,
          class V = pack<float>>
void check_with_double() {
    using reference = reference_run<G, Activation, Bias, double>;
    INFO(words(G) << ", " << lanes<V> << " lanes of " << sizeof(scalar_t<V>) << " bytes");
    const auto x = random_lanes<V>(reference::inputs, 3), dz = random_lanes<V>(reference::outputs, 4);
    const Run<G, Activation, Bias, V> run(x, dz);
    constexpr bool has_other_y = requires { run.other_y; }, has_other_dw = requires { run.other_dw; };
    const auto before = conv2d_results<G, double>().dw;
    aligned_vector<double> dw = before;
    double error_y = 0, error_dx = 0;
    for (std::size_t n = 0; n < lanes<V>; ++n) {
        const reference sample(lane(x, n), lane(dz, n));
        error_y = std::max(error_y, relative_error(lane(run.y, n), sample.y));
        if constexpr (has_other_y) error_y = std::max(error_y, relative_error(lane(run.other_y, n), sample.y));
        error_dx = std::max(error_dx, relative_error(lane(run.dx, n), sample.dx));
        for (std::size_t i = 0; i < dw.size(); ++i) dw[i] += sample.dw[i] - before[i];
    }
    CHECK(error_y < rounding<V>);
    CHECK(error_dx < rounding<V>);
    CHECK(relative_error(run.dw, dw) < rounding<V>);
    if constexpr (has_other_dw) CHECK(relative_error(run.other_dw, dw) < rounding<V>);
}

/// Compares the direct kernels with loops as in a textbook, and on packs with themselves in double.
template <convolution C, class Activation = kernels::linear, bool Bias = true, class V = pack<float>>
void check_convolution() {
    check_with_textbook<C.geometry(), Activation, Bias>();
    check_with_double<direct_run, C.geometry(), Activation, Bias, V>();
}

}  // namespace strata::test
