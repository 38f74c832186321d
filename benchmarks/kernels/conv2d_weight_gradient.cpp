#include "conv2d.hpp"

#include <strata/kernels/conv2d_weight_gradient.hpp>

namespace {

using namespace strata::kernels;

struct weight_gradient {
    template <conv2d_geometry G> static void run(benchmark::State& state) {
        conv2d_operands<G> all;
        const roofline::work needed{
            .multiply_adds = all.multiply_adds,
            .read = all.input.bytes() + all.output.bytes(),
            .updated = bytes_of(all.weights),
        };
        roofline::run(state, needed, [&] {
            for (std::size_t i = 0; i < packs_of_a_batch; ++i) {
                conv2d_weight_gradient<G, pack_of_samples>::run(all.input.pack(i), all.output.pack(i),
                                                                all.weights.data());
            }
        });
    }
};

[[maybe_unused]] const int registered = register_conv2d<weight_gradient>("weight_gradient");

}  // namespace
