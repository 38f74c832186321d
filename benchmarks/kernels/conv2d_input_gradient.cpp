#include "conv2d.hpp"

#include <strata/kernels/conv2d_input_gradient.hpp>

namespace {

using namespace strata::kernels;

struct input_gradient {
    template <conv2d_geometry G> static void run(benchmark::State& state) {
        conv2d_operands<G> all;
        const roofline::work needed{
            .multiply_adds = all.multiply_adds,
            .read = all.output.bytes() + bytes_of(all.weights),
            .written = all.input.bytes(),
        };
        roofline::run(state, needed, [&] {
            for (std::size_t i = 0; i < packs_of_a_batch; ++i) {
                conv2d_input_gradient<G, pack_of_samples>::run(all.output.pack(i), all.weights.data(),
                                                               all.input.pack(i));
            }
        });
    }
};

[[maybe_unused]] const int registered = register_conv2d<input_gradient>("input_gradient");

}  // namespace
