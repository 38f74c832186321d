#include "conv2d.hpp"

#include <strata/kernels/conv2d.hpp>

namespace {

using namespace strata::kernels;

template <class Activation> struct forward {
    template <conv2d_geometry G> static void run(benchmark::State& state) {
        conv2d_operands<G> all;
        const roofline::work needed{.multiply_adds = all.multiply_adds,
                                    .read = all.input.bytes() + bytes_of(all.weights) + bytes_of(all.bias),
                                    .written = all.output.bytes()};
        using passes = strata::kernels::conv2d<G, pack_of_samples>;
        strata::aligned_vector<pack_of_samples> scratch(passes::scratch);
        roofline::run(state, needed, [&] {
            for (std::size_t i = 0; i < packs_of_a_batch; ++i) {
                passes::template forward<Activation, true>(all.input.pack(i), all.weights.data(), all.bias.data(),
                                                           all.output.pack(i), scratch.data());
            }
        });
    }
};

[[maybe_unused]] const int registered =
    register_conv2d<forward<linear>>("forward") + register_conv2d<forward<strata::kernels::tanh>>("forward_tanh");

}  // namespace
