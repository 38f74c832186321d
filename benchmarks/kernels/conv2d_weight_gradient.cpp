#include "conv2d.hpp"

#include <strata/kernels/conv2d.hpp>

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
        using passes = strata::kernels::conv2d<G, pack_of_samples>;
        strata::aligned_vector<pack_of_samples> scratch(passes::scratch);
        roofline::run(state, needed, [&] {
            for (std::size_t i = 0; i < packs_of_a_batch; ++i) {
                passes::weight_gradient(all.input.pack(i), all.output.pack(i), all.weights.data(), scratch.data());
            }
        });
    }
};

[[maybe_unused]] const int registered = register_conv2d<weight_gradient>("weight_gradient");

}  // namespace
