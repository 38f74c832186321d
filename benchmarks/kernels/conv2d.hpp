#pragma once

#include "../multiply_adds.hpp"
#include "batch.hpp"
#include "roofline.hpp"
#include "shapes.hpp"

#include <strata/kernels/tile.hpp>
#include <string>

/// What a pass of a convolution reads and writes, filled with random numbers.
template <strata::kernels::conv2d_geometry G> struct conv2d_operands {
    batch_cells input{G.input.rows * G.input.columns * G.channels};
    batch_cells output{G.output.rows * G.output.columns * G.filters};
    parameters weights = random_parameters(G.weight_count());
    parameters bias = random_parameters(G.filters);

    static constexpr double multiply_adds = double(batch_size) * double(multiply_adds::of_convolution(G));
};

/// Registers Pass::run<geometry>(state) for each shape of the list.
template <class Pass> int register_conv2d(const std::string& pass) {
    strata::kernels::unroll<shapes::conv2ds.size()>([&](auto i) {
        benchmark::RegisterBenchmark((shapes::name(shapes::conv2ds[i]) + "/" + pass).c_str(),
                                     Pass::template run<shapes::geometry(shapes::conv2ds[i])>);
    });
    return 0;
}
