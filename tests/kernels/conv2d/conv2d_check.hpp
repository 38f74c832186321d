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
#include <vector>

/// What every convolution's test does: the kernels, sample by sample, against loops as in a textbook. Kernels are
/// compiled for each geometry; the loops, which take it as an argument, once.
namespace strata::authoring::test {

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

/// Always the same parameters, and weight gradients that kernels have to add to.
template <class T> struct conv2d_parameters {
    aligned_vector<T> w, bias, dw;

    explicit conv2d_parameters(const conv2d_geometry& g)
        : w(random_values<T>(g.weight_count(), 7)),
          bias(random_values<T>(g.filters, 8)),
          dw(random_values<T>(g.weight_count(), 9)) {}
};

/// What the kernels of one geometry fill; there values lie that they have to overwrite or to add to.
template <conv2d_geometry G, class V> struct conv2d_results : conv2d_parameters<scalar_t<V>> {
    static constexpr std::size_t inputs = G.input.rows * G.input.columns * G.channels;
    static constexpr std::size_t outputs = G.output.rows * G.output.columns * G.filters;

    aligned_vector<V> y = unwritten_cells<V>(outputs), dx = unwritten_cells<V>(inputs);

    conv2d_results() : conv2d_parameters<scalar_t<V>>(G) {}
};

/// The direct kernels, with both forms of the weight gradient.
template <conv2d_geometry G, class Activation, bool Bias, class V> struct direct_run : conv2d_results<G, V> {
    aligned_vector<scalar_t<V>> other_dw = this->dw;

    direct_run(const aligned_vector<V>& x, const aligned_vector<V>& dz) {
        kernels::conv2d_forward_pass<G, Activation, Bias, V>::run(x.data(), this->w.data(),
                                                                  Bias ? this->bias.data() : nullptr, this->y.data());
        kernels::conv2d_input_gradient<G, V>::run(dz.data(), this->w.data(), this->dx.data());
        kernels::conv2d_weight_gradient_by_samples<G, V>::run(x.data(), dz.data(), this->dw.data());
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

using samples = std::vector<aligned_vector<double>>;

/// What a convolution makes of samples.
struct convolved {
    samples y, dx;
    aligned_vector<double> dw;
};

/// Loops as in a textbook.
inline convolved textbook(const conv2d_geometry& g, double (*activation)(const double&), bool bias, const samples& x,
                          const samples& dz, const conv2d_parameters<double>& parameters) {
    convolved result{dz, x, parameters.dw};
    for (std::size_t n = 0; n < x.size(); ++n) {
        auto &y = result.y[n], &dx = result.dx[n];
        for (std::size_t i = 0; i < y.size(); ++i) y[i] = bias ? parameters.bias[i % g.filters] : 0;
        std::fill(dx.begin(), dx.end(), 0.0);
        for_each_product(g, [&](std::size_t input, std::size_t weight, std::size_t output) {
            y[output] += x[n][input] * parameters.w[weight];
            dx[input] += dz[n][output] * parameters.w[weight];
            result.dw[weight] += dz[n][output] * x[n][input];
        });
        for (double& value : y) value = activation(value);
    }
    return result;
}

/// The largest error of a sample.
inline double relative_error(const samples& found, const samples& expected) {
    double error = 0;
    for (std::size_t n = 0; n < expected.size(); ++n) error = std::max(error, relative_error(found[n], expected[n]));
    return error;
}

/// Compares what kernels compute for cells of V with a textbook; besides what `Run` must have, `other_y` and
/// `other_dw`, if it has them: what another form of the same pass computes.
template <template <conv2d_geometry, class, bool, class> class Run, conv2d_geometry G, class Activation, bool Bias,
          class V = pack<float>>
void check_run() {
    using run = Run<G, Activation, Bias, V>;
    INFO(words(G) << ", " << lanes<V> << " lanes of " << sizeof(scalar_t<V>) << " bytes");
    const auto x = random_lanes<V>(run::inputs, 3), dz = random_lanes<V>(run::outputs, 4);
    const run found(x, dz);
    const auto expected = textbook(G, Activation::template apply<double>, Bias, all_lanes(x), all_lanes(dz),
                                   conv2d_parameters<double>(G));
    CHECK(relative_error(all_lanes(found.y), expected.y) < rounding<V>);
    CHECK(relative_error(all_lanes(found.dx), expected.dx) < rounding<V>);
    CHECK(relative_error(found.dw, expected.dw) < rounding<V>);
    if constexpr (requires { found.other_y; })
        CHECK(relative_error(all_lanes(found.other_y), expected.y) < rounding<V>);
    if constexpr (requires { found.other_dw; }) CHECK(relative_error(found.other_dw, expected.dw) < rounding<V>);
}

/// Compares the direct kernels on packs.
template <convolution C, class Activation = kernels::linear, bool Bias = true, class V = pack<float>>
void check_convolution() {
    check_run<direct_run, C.geometry(), Activation, Bias, V>();
}

/// On packs and on plain numbers, there with the weights in the order of the tiles, too.
template <convolution C, class Activation = kernels::linear, bool Bias = true> void check_convolution_in_double() {
    check_convolution<C, Activation, Bias>();
    check_convolution<C, Activation, Bias, double>();
    constexpr conv2d_geometry G = C.geometry();
    const auto x = random_lanes<double>(conv2d_results<G, double>::inputs, 3);
    const auto dz = random_lanes<double>(conv2d_results<G, double>::outputs, 4);
    CHECK(forward_by_tiles<G, Activation, Bias>(x) == direct_run<G, Activation, Bias, double>(x, dz).y);
}

}  // namespace strata::authoring::test
