/// What moves more than it computes: pools, activations, softmax, the loss, the optimizers.

#include "batch.hpp"
#include "roofline.hpp"
#include "shapes.hpp"

#include <strata/kernels/activation/apply.hpp>
#include <strata/kernels/activation/functions.hpp>
#include <strata/kernels/activation/rows.hpp>
#include <strata/kernels/pooling2d/pooling2d.hpp>
#include <strata/layers/activation.hpp>
#include <strata/losses/crossentropy.hpp>
#include <strata/optimizers/adam.hpp>
#include <strata/optimizers/apply.hpp>
#include <strata/optimizers/rmsprop.hpp>
#include <strata/optimizers/sgd.hpp>
#include <string>

namespace {

using namespace strata::authoring::kernels;
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
                      pooling2d_activation_gradient<G, parts_of_mean, strata::authoring::kernels::tanh, true>(
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

/// The derivative and the gradient of the bias. With values as small as these the slope of a tanh or an elu rounds to
/// one, so that what is multiplied again and again does not fade away.
template <class Activation, std::size_t Rows, std::size_t Columns> void gradient(benchmark::State& state) {
    batch_cells<> y{Rows * Columns, 1e-8}, dy{Rows * Columns};
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

/// The gradient of an activation that the layer does not take into its own passes: from dy and one of x and y.
template <class Stage> void gradient_alone(benchmark::State& state) {
    constexpr std::size_t cells = Stage::output::size;
    batch_cells<> x{cells, 4}, y{cells}, dy{cells}, dx{cells};
    for_each_pack(state, {.read = 2 * dy.bytes(), .written = dx.bytes(), .elements = double(cells * batch_size)},
                  [&](std::size_t i) {
                      Stage::template backward<true>(strata::authoring::backward_context<V>{
                          .x = x.pack(i), .y = y.pack(i), .dy = dy.pack(i), .dx = dx.pack(i)});
                  });
}

/// The loss and its gradient, from logits.
template <std::size_t Classes> void sparse_crossentropy(benchmark::State& state) {
    batch_cells<> y{Classes, 4}, label{1}, losses{1}, dy{Classes};
    for (std::size_t i = 0; i < batch_size; ++i) strata::authoring::as_lanes(label.pack(0))[i] = float(7 * i % Classes);
    for_each_pack(state, {.read = y.bytes(), .written = dy.bytes(), .elements = double(Classes * batch_size)},
                  [&](std::size_t i) {
                      *losses.pack(i) =
                          strata::SparseCategoricalCrossentropy{}.value<strata::authoring::shape<Classes>, true>(
                              y.pack(i), label.pack(i), V(1.f / batch_size), dy.pack(i));
                  });
}

template <class Optimizer> void step(benchmark::State& state) {
    const Optimizer optimizer;
    const auto count =
        strata::authoring::round_up(static_cast<std::size_t>(state.range(0)), strata::authoring::lanes<V>);
    parameters weights = random_parameters(count);
    const parameters gradients = random_parameters(count);
    strata::authoring::optimizer_state<float> memory(Optimizer::slot_count, count);
    const double bytes = bytes_of(weights), updated = bytes * double(1 + kept_slots(optimizer));
    roofline::run(state, {.read = bytes, .updated = updated, .elements = double(count)}, [&] {
        strata::authoring::apply_step<V>(optimizer, ++memory.steps, 0, count, gradients.data(), memory, weights.data());
    });
}

template <conv2d_geometry G> void register_pools(const std::string& before, const std::string& after) {
    const auto add = [&](const std::string& name, auto* body) {
        benchmark::RegisterBenchmark((before + name).c_str(), body);
    };
    add("average_pool" + after + "/forward", average_forward<G>);
    add("average_pool" + after + "/input_gradient", average_gradient<G>);
    if constexpr (windows_partition_input(G))
        add("average_pool_and_tanh" + after + "/input_gradient", average_and_tanh_gradient<G>);
    add("max_pool" + after + "/forward", max_forward<G>);
    add("max_pool" + after + "/input_gradient", max_gradient<G>);
}

constexpr std::size_t lenet5_cells = 28 * 28 * 6;

[[maybe_unused]] const int registered = [] {
    unroll<shapes::pools.size()>([](auto i) {
        constexpr shapes::image input = shapes::pools[i];
        register_pools<shapes::geometry(input)>("", "_" + shapes::name(input));
    });
    unroll<shapes::global_pools.size()>([](auto i) {
        constexpr shapes::image input = shapes::global_pools[i];
        register_pools<shapes::geometry(input, {input.rows, input.columns})>("global_", "_" + shapes::name(input));
    });
    benchmark::RegisterBenchmark("relu_28x28x6/forward", activation<relu, lenet5_cells>);
    benchmark::RegisterBenchmark("sigmoid_28x28x6/forward", activation<sigmoid, lenet5_cells>);
    benchmark::RegisterBenchmark("tanh_28x28x6/forward", activation<strata::authoring::kernels::tanh, lenet5_cells>);
    benchmark::RegisterBenchmark("tanh_128/forward", activation<strata::authoring::kernels::tanh, 128>);  // fits an L1
    benchmark::RegisterBenchmark("elu_28x28x6/forward", activation<elu, lenet5_cells>);
    benchmark::RegisterBenchmark("gelu_28x28x6/forward", activation<gelu, lenet5_cells>);
    benchmark::RegisterBenchmark("tanh_28x28x6/gradient", gradient<strata::authoring::kernels::tanh, 28 * 28, 6>);
    benchmark::RegisterBenchmark("elu_28x28x6/gradient", gradient<elu, 28 * 28, 6>);
    benchmark::RegisterBenchmark("gelu_28x28x6/gradient",
                                 gradient_alone<strata::GELU::on<strata::authoring::shape<28, 28, 6>>>);
    benchmark::RegisterBenchmark("softmax_10/forward", softmax<10>);
    benchmark::RegisterBenchmark("softmax_1000/forward", softmax<1000>);
    benchmark::RegisterBenchmark("softmax_10/gradient",
                                 gradient_alone<strata::Softmax::on<strata::authoring::shape<10>>>);
    benchmark::RegisterBenchmark("softmax_1000/gradient",
                                 gradient_alone<strata::Softmax::on<strata::authoring::shape<1000>>>);
    benchmark::RegisterBenchmark("sparse_crossentropy_10/loss_and_gradient", sparse_crossentropy<10>);
    benchmark::RegisterBenchmark("sparse_crossentropy_1000/loss_and_gradient", sparse_crossentropy<1000>);
    benchmark::RegisterBenchmark("sgd", step<strata::SGD>)->Arg(61'706)->Arg(669'706);
    benchmark::RegisterBenchmark("rmsprop", step<strata::RMSprop>)->Arg(61'706)->Arg(669'706);
    benchmark::RegisterBenchmark("adam", step<strata::Adam>)->Arg(61'706)->Arg(669'706);
    return 0;
}();

}  // namespace
