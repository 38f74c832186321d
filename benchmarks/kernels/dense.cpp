#include "passes.hpp"
#include "shapes.hpp"

#include <strata/kernels/activation/functions.hpp>
#include <strata/kernels/dense/dense.hpp>
#include <strata/kernels/tile.hpp>
#include <strata/simd/bfloat16.hpp>
#include <string>

namespace {

using namespace strata::authoring::kernels;

/// Registers all passes: `_joined` with one call for the batch, as in predictions of networks with many parameters,
/// `_bfloat16` where mixed precision rounds the operands. Of the two ways to the weight gradient the one that training
/// takes has no suffix; the other one is `_joint`, all packs of the batch together, or `_by_packs`.
template <shapes::dense Shape> void register_passes() {
    constexpr passes::sizes sizes{.inputs = Shape.inputs,
                                  .outputs = Shape.units,
                                  .weights = Shape.inputs * Shape.units,
                                  .biases = Shape.units,
                                  .multiply_adds = Shape.inputs * Shape.units};
    using in_float = dense_rows<1, Shape.inputs, Shape.units, pack_of_samples>;
    using pack_in_bfloat16 = strata::authoring::pack<strata::mixed_bfloat16>;
    using in_bfloat16 = dense_rows<1, Shape.inputs, Shape.units, pack_in_bfloat16>;
    const auto add = [](const std::string& name, auto* body) {
        benchmark::RegisterBenchmark((shapes::name(Shape) + "/" + name).c_str(), body);
    };
    const auto add_pass = [&]<class Pass>(Pass, const char* name, auto rounds) {
        add(name, Pass::template run<in_float, sizes, pack_of_samples>);
        if constexpr (rounds)
            add(std::string(name) + "_bfloat16", Pass::template run<in_bfloat16, sizes, pack_in_bfloat16>);
    };
    using std::bool_constant;
    add_pass(passes::forward<linear>{}, "forward", bool_constant<in_bfloat16::rounds_forward>{});
    using joined = dense_rows<1, Shape.inputs, Shape.units, pack_of_samples, packs_of_a_batch>;
    add("forward_joined", passes::forward<linear, true>::template run<joined, sizes, pack_of_samples>);
    add_pass(passes::forward<strata::authoring::kernels::tanh>{}, "forward_tanh",
             bool_constant<in_bfloat16::rounds_forward>{});
    const auto add_weight_gradient = [&]<class Rows, class V>(const std::string& suffix) {
        using gradient = typename Rows::weight_gradients;
        constexpr bool jointly = gradient::is_faster;  // what training does
        add((jointly ? "weight_gradient" : "weight_gradient_joint") + suffix,
            passes::weight_gradient_joint::template run<gradient, sizes, V>);
        add((jointly ? "weight_gradient_by_packs" : "weight_gradient") + suffix,
            passes::weight_gradient::template run<Rows, sizes, V>);
    };
    add_weight_gradient.template operator()<in_float, pack_of_samples>("");
    if constexpr (in_bfloat16::rounds_weight_gradient)
        add_weight_gradient.template operator()<in_bfloat16, pack_in_bfloat16>("_bfloat16");
    add_pass(passes::input_gradient{}, "input_gradient", bool_constant<in_bfloat16::rounds_input_gradient>{});
}

[[maybe_unused]] const int registered = [] {
    unroll<shapes::denses.size()>([](auto i) { register_passes<shapes::denses[i]>(); });
    return 0;
}();

}  // namespace
