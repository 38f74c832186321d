/// What moves more than it computes: pools, activations, softmax, the optimizer.

#include "batch.hpp"
#include "roofline.hpp"
#include "shapes.hpp"

#include <strata/kernels/activation.hpp>
#include <strata/kernels/pooling2d.hpp>
#include <strata/optimizers/adam.hpp>
#include <strata/optimizers/optimizer.hpp>

namespace {

using namespace strata::kernels;
using V = pack_of_samples;

/// Runs body(pack) for the packs of a batch.
template <class Body> void for_each_pack(benchmark::State& state, const roofline::work& needed, Body&& body) {
    roofline::run(state, needed, [&] {
        for (std::size_t i = 0; i < packs_of_a_batch; ++i) body(i);
    });
}

template <conv2d_geometry G> struct pool_operands {
    static constexpr std::size_t inputs = G.input.rows * G.input.columns * G.channels;
    static constexpr double elements = double(inputs * batch_size);
    batch_cells<> x{inputs}, y{G.output.rows * G.output.columns * G.channels};
    batch_cells<> dx{inputs}, dy{G.output.rows * G.output.columns * G.channels};
};

template <conv2d_geometry G> void average_forward(benchmark::State& state) {
    pool_operands<G> all;
    for_each_pack(state, {.read = all.x.bytes(), .written = all.y.bytes(), .elements = all.elements},
                  [&](std::size_t i) { average_pooling2d_forward<G>(all.x.pack(i), all.y.pack(i)); });
}

template <conv2d_geometry G> void max_forward(benchmark::State& state) {
    pool_operands<G> all;
    for_each_pack(state, {.read = all.x.bytes(), .written = all.y.bytes(), .elements = all.elements},
                  [&](std::size_t i) { max_pooling2d_forward<G>(all.x.pack(i), all.y.pack(i)); });
}

template <conv2d_geometry G> void average_gradient(benchmark::State& state) {
    pool_operands<G> all;
    for_each_pack(
        state, {.read = all.dy.bytes(), .written = all.dx.bytes(), .elements = all.elements}, [&](std::size_t i) {
            pooling2d_gradient<G, parts_of_mean>(all.x.pack(i), all.y.pack(i), all.dy.pack(i), all.dx.pack(i));
        });
}

template <conv2d_geometry G> void max_gradient(benchmark::State& state) {
    pool_operands<G> all;
    for (std::size_t i = 0; i < packs_of_a_batch; ++i) max_pooling2d_forward<G>(all.x.pack(i), all.y.pack(i));
    for_each_pack(
        state,
        {.read = all.x.bytes() + all.y.bytes() + all.dy.bytes(), .written = all.dx.bytes(), .elements = all.elements},
        [&](std::size_t i) {
            pooling2d_gradient<G, parts_of_maximum>(all.x.pack(i), all.y.pack(i), all.dy.pack(i), all.dx.pack(i));
        });
}

/// The gradient of a pool and of the tanh before it, as a network computes them.
template <conv2d_geometry G> void average_and_tanh_gradient(benchmark::State& state) {
    pool_operands<G> all;
    parameters bias(G.channels);
    for_each_pack(state, {.read = all.x.bytes() + all.dy.bytes(), .written = all.dx.bytes(), .elements = all.elements},
                  [&](std::size_t i) {
                      pooling2d_activation_gradient<G, parts_of_mean, strata::kernels::tanh, true>(
                          all.x.pack(i), all.y.pack(i), all.dy.pack(i), all.dx.pack(i), bias.data());
                  });
}

/// The result of an activation, from one place to another: in place it would be its own input in the next iteration.
template <class Activation, std::size_t Cells> void activation(benchmark::State& state) {
    batch_cells<> x{Cells, 4}, y{Cells};
    for_each_pack(state, {.read = x.bytes(), .written = y.bytes(), .elements = double(Cells * batch_size)},
                  [&](std::size_t p) {
                      const V* from = x.pack(p);
                      V* to = y.pack(p);
                      for (std::size_t i = 0; i < Cells; ++i) to[i] = Activation::apply(from[i]);
                  });
}

/// The derivative and the gradient of the bias. With values as small as these the slope of a tanh rounds to one, so
/// that what is multiplied again and again does not fade away.
template <class Activation, std::size_t Rows, std::size_t Columns> void gradient(benchmark::State& state) {
    batch_cells<> y{Rows * Columns, 1e-4}, dy{Rows * Columns};
    parameters bias(Columns);
    for_each_pack(state, {.read = y.bytes(), .updated = dy.bytes(), .elements = double(Rows * Columns * batch_size)},
                  [&](std::size_t i) {
                      activation_gradient<Rows, Columns, Activation, true>(y.pack(i), dy.pack(i), bias.data());
                  });
}

template <std::size_t Columns> void softmax(benchmark::State& state) {
    batch_cells<> x{Columns, 4}, y{Columns};
    for_each_pack(state, {.read = x.bytes(), .written = y.bytes(), .elements = double(Columns * batch_size)},
                  [&](std::size_t i) { softmax_forward<1, Columns>(x.pack(i), y.pack(i)); });
}

void adam(benchmark::State& state) {
    const auto count = strata::round_up(static_cast<std::size_t>(state.range(0)), strata::lanes<V>);
    parameters weights = random_parameters(count);
    const parameters gradients = random_parameters(count);
    strata::optimizer_state<float> memory(strata::Adam::slots, count);
    const double bytes = bytes_of(weights);
    roofline::run(state, {.read = bytes, .updated = 3 * bytes, .elements = double(count)}, [&] {
        strata::apply_step<V>(strata::Adam{}, ++memory.steps, 0, count, gradients.data(), memory, weights.data());
    });
}

constexpr std::size_t lenet5_cells = 28 * 28 * 6;

[[maybe_unused]] const int registered = [] {
    unroll<shapes::pools.size()>([](auto i) {
        constexpr auto geometry = shapes::geometry(shapes::pools[i]);
        const std::string of = "_" + shapes::name(shapes::pools[i]);
        benchmark::RegisterBenchmark(("average_pool" + of + "/forward").c_str(), average_forward<geometry>);
        benchmark::RegisterBenchmark(("average_pool" + of + "/input_gradient").c_str(), average_gradient<geometry>);
        if constexpr (windows_partition_input(geometry)) {
            benchmark::RegisterBenchmark(("average_pool_and_tanh" + of + "/input_gradient").c_str(),
                                         average_and_tanh_gradient<geometry>);
        }
        benchmark::RegisterBenchmark(("max_pool" + of + "/forward").c_str(), max_forward<geometry>);
        benchmark::RegisterBenchmark(("max_pool" + of + "/input_gradient").c_str(), max_gradient<geometry>);
    });
    benchmark::RegisterBenchmark("relu_28x28x6/forward", activation<relu, lenet5_cells>);
    benchmark::RegisterBenchmark("sigmoid_28x28x6/forward", activation<sigmoid, lenet5_cells>);
    benchmark::RegisterBenchmark("tanh_28x28x6/forward", activation<strata::kernels::tanh, lenet5_cells>);
    benchmark::RegisterBenchmark("elu_28x28x6/forward", activation<elu, lenet5_cells>);
    benchmark::RegisterBenchmark("gelu_28x28x6/forward", activation<gelu, lenet5_cells>);
    benchmark::RegisterBenchmark("tanh_28x28x6/gradient", gradient<strata::kernels::tanh, 28 * 28, 6>);
    benchmark::RegisterBenchmark("softmax_10/forward", softmax<10>);
    benchmark::RegisterBenchmark("softmax_1000/forward", softmax<1000>);
    benchmark::RegisterBenchmark("adam", adam)->Arg(61'706)->Arg(669'706);
    return 0;
}();

}  // namespace
