#include "batch.hpp"
#include "roofline.hpp"
#include "shapes.hpp"

#include <strata/kernels/dense.hpp>

namespace {

using namespace strata::kernels;

template <std::size_t Inputs, std::size_t Units> struct operands {
    batch_cells input{Inputs};
    batch_cells output{Units};
    parameters weights = random_parameters(Inputs * Units);
    parameters bias = random_parameters(Units);

    static constexpr double multiply_adds = double(batch_size) * double(Inputs * Units);
};

template <class Activation, std::size_t Inputs, std::size_t Units> void forward(benchmark::State& state) {
    operands<Inputs, Units> all;
    const roofline::work needed{.multiply_adds = all.multiply_adds,
                                .read = all.input.bytes() + bytes_of(all.weights) + bytes_of(all.bias),
                                .written = all.output.bytes()};
    roofline::run(state, needed, [&] {
        for (std::size_t i = 0; i < packs_of_a_batch; ++i) {
            dense_forward<Inputs, Units, Activation, true, pack_of_samples>(all.input.pack(i), all.weights.data(),
                                                                            all.bias.data(), all.output.pack(i));
        }
    });
}

template <std::size_t Inputs, std::size_t Units> void weight_gradient(benchmark::State& state) {
    operands<Inputs, Units> all;
    const roofline::work needed{.multiply_adds = all.multiply_adds,
                                .read = all.input.bytes() + all.output.bytes(),
                                .updated = bytes_of(all.weights)};
    roofline::run(state, needed, [&] {
        for (std::size_t i = 0; i < packs_of_a_batch; ++i) {
            dense_weight_gradient<Inputs, Units>(all.input.pack(i), all.output.pack(i), all.weights.data());
        }
    });
}

template <std::size_t Inputs, std::size_t Units> void input_gradient(benchmark::State& state) {
    operands<Inputs, Units> all;
    const roofline::work needed{.multiply_adds = all.multiply_adds,
                                .read = all.output.bytes() + bytes_of(all.weights),
                                .written = all.input.bytes()};
    roofline::run(state, needed, [&] {
        for (std::size_t i = 0; i < packs_of_a_batch; ++i) {
            dense_input_gradient<Inputs, Units, pack_of_samples>(all.output.pack(i), all.weights.data(),
                                                                 all.input.pack(i));
        }
    });
}

template <shapes::dense Shape> void register_passes() {
    const auto add = [](const char* pass, auto* body) {
        benchmark::RegisterBenchmark((shapes::name(Shape) + "/" + pass).c_str(), body);
    };
    add("forward", forward<linear, Shape.inputs, Shape.units>);
    add("forward_tanh", forward<strata::kernels::tanh, Shape.inputs, Shape.units>);
    add("weight_gradient", weight_gradient<Shape.inputs, Shape.units>);
    add("input_gradient", input_gradient<Shape.inputs, Shape.units>);
}

[[maybe_unused]] const int registered = [] {
    unroll<shapes::denses.size()>([](auto i) { register_passes<shapes::denses[i]>(); });
    return 0;
}();

}  // namespace
