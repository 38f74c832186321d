#include "conv2d.hpp"

#include <strata/kernels/conv2d.hpp>

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
        using passes = strata::kernels::conv2d<G, pack_of_samples>;
        strata::aligned_vector<pack_of_samples> scratch(passes::scratch);
        roofline::run(state, needed, [&] {
            for (std::size_t i = 0; i < packs_of_a_batch; ++i) {
                passes::input_gradient(all.output.pack(i), all.weights.data(), all.input.pack(i), scratch.data());
            }
        });
    }
};

[[maybe_unused]] const int registered = register_conv2d<input_gradient>("input_gradient");

}  // namespace
