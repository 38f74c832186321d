#pragma once

#include "batch.hpp"
#include "roofline.hpp"

#include <cstddef>
#include <strata/simd/memory.hpp>

/// The passes of layers with weights. `Passes` is a kernel such as strata::authoring::kernels::conv2d on cells of type
/// V.
namespace passes {

/// How much one sample takes of everything.
struct sizes {
    std::size_t inputs, outputs, weights, biases, multiply_adds;
};

/// What a pass reads and writes, filled with random numbers.
template <class Passes, sizes Sizes, class V> struct operands {
    batch_cells<V> input{Sizes.inputs};
    batch_cells<V> output{Sizes.outputs};
    parameters weights = random_parameters(Sizes.weights);
    parameters bias = random_parameters(Sizes.biases);
    strata::authoring::aligned_vector<V> scratch = strata::authoring::aligned_vector<V>(Passes::scratch);

    static constexpr double multiply_adds = double(batch_size) * double(Sizes.multiply_adds);
};

/// `Joined`: all packs of the batch in one call, for Passes of that many samples.
template <class Activation, bool Joined = false> struct forward {
    template <class Passes, sizes Sizes, class V> static void run(benchmark::State& state) {
        operands<Passes, Sizes, V> all;
        const roofline::work needed{.multiply_adds = all.multiply_adds,
                                    .read = all.input.bytes() + bytes_of(all.weights) + bytes_of(all.bias),
                                    .written = all.output.bytes()};
        roofline::run(state, needed, [&] {
            for (std::size_t i = 0; i < (Joined ? 1 : packs_of_a_batch); ++i) {
                Passes::template forward<Activation, true>(all.input.pack(i), all.weights.data(), all.bias.data(),
                                                           all.output.pack(i), all.scratch.data());
            }
        });
    }
};

struct weight_gradient {
    template <class Passes, sizes Sizes, class V> static void run(benchmark::State& state) {
        operands<Passes, Sizes, V> all;
        const roofline::work needed{.multiply_adds = all.multiply_adds,
                                    .read = all.input.bytes() + all.output.bytes(),
                                    .updated = bytes_of(all.weights)};
        roofline::run(state, needed, [&] {
            for (std::size_t i = 0; i < packs_of_a_batch; ++i) {
                Passes::weight_gradient(all.input.pack(i), all.output.pack(i), all.weights.data(), all.scratch.data());
            }
        });
    }
};

/// All packs of the batch at once, of a kernel such as strata::authoring::kernels::dense_weight_gradient.
struct weight_gradient_joint {
    template <class Gradient, sizes Sizes, class V> static void run(benchmark::State& state) {
        batch_cells<V> input{Sizes.inputs}, output{Sizes.outputs};
        parameters weights = random_parameters(Sizes.weights);
        strata::authoring::aligned_vector<V> kept(packs_of_a_batch * Gradient::cells);
        const roofline::work needed{.multiply_adds = double(batch_size) * double(Sizes.multiply_adds),
                                    .read = input.bytes() + output.bytes(),
                                    .written = bytes_of(weights)};
        roofline::run(state, needed, [&] {
            for (std::size_t i = 0; i < packs_of_a_batch; ++i)
                Gradient::keep(input.pack(i), output.pack(i), kept.data() + i * Gradient::cells);
            Gradient::compute(kept.data(), Gradient::cells, packs_of_a_batch, 0, Gradient::blocks, weights.data());
        });
    }
};

struct input_gradient {
    template <class Passes, sizes Sizes, class V> static void run(benchmark::State& state) {
        operands<Passes, Sizes, V> all;
        const roofline::work needed{.multiply_adds = all.multiply_adds,
                                    .read = all.output.bytes() + bytes_of(all.weights),
                                    .written = all.input.bytes()};
        roofline::run(state, needed, [&] {
            for (std::size_t i = 0; i < packs_of_a_batch; ++i) {
                Passes::input_gradient(all.output.pack(i), all.weights.data(), all.input.pack(i), all.scratch.data());
            }
        });
    }
};

}  // namespace passes
