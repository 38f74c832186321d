#pragma once

#include "../multiply_adds.hpp"
#include "passes.hpp"
#include "shapes.hpp"

#include <strata/kernels/conv2d/conv2d.hpp>
#include <strata/kernels/tile.hpp>
#include <strata/simd/bfloat16.hpp>
#include <string>

/// Registers Pass for each shape of the list: `name` as the layer computes it, `name`_direct where that is another form
/// than the direct one, and `name`_bfloat16 where mixed precision rounds the operands. Pass::form<conv2d> is the form.
template <class Pass> int register_conv2d(const std::string& name) {
    using namespace strata::authoring::kernels;
    unroll<shapes::conv2ds.size()>([&](auto i) {
        constexpr conv2d_geometry g = shapes::geometry(shapes::conv2ds[i]);
        constexpr passes::sizes sizes{.inputs = g.input.rows * g.input.columns * g.channels,
                                      .outputs = g.output.rows * g.output.columns * g.filters,
                                      .weights = g.weight_count(),
                                      .biases = g.filters,
                                      .multiply_adds = multiply_adds::of_convolution(g)};
        using in_float = conv2d<g, pack_of_samples>;
        using direct = conv2d_passes<conv2d_form::direct, g, pack_of_samples>;
        using pack_in_bfloat16 = strata::authoring::pack<strata::mixed_bfloat16>;
        using in_bfloat16 = conv2d<g, pack_in_bfloat16>;
        const auto add = [&](const char* form, auto* body) {
            benchmark::RegisterBenchmark((shapes::name(shapes::conv2ds[i]) + "/" + name + form).c_str(), body);
        };
        add("", Pass::template run<in_float, sizes, pack_of_samples>);
        if constexpr (Pass::template form<in_float> != conv2d_form::direct)
            add("_direct", Pass::template run<direct, sizes, pack_of_samples>);
        if constexpr (Pass::template form<in_bfloat16> == conv2d_form::bfloat16)
            add("_bfloat16", Pass::template run<in_bfloat16, sizes, pack_in_bfloat16>);
    });
    return 0;
}
