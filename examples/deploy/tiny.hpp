// model_1.safetensors in C++, by strata-convert 0.1.0: 73 values as float32.
// Needs strata's headers, xsimd and C++20; no file, no allocation, no exception: strata's docs/deploy.md.
// clang-format off
#pragma once

#include <strata/deploy.hpp>

#include <cmath>
#include <cstddef>
#include <string_view>

namespace tiny {
inline namespace STRATA_ISA {

using network = strata::Predictor<
    strata::Input<3>,
    strata::Dense<8, strata::Tanh>,
    strata::BatchNormalization<>,
    strata::Dropout<0.3>,
    strata::Dense<1>>;

/// The values of a sample (3) and of what is made of it (1); the last axis runs fastest.
inline constexpr std::size_t input_size = 3, output_size = 1;

inline constexpr std::string_view class_names[] = {
"one",
};

/// What a prediction works in: one for each thread.
using workspace = network::workspace;

namespace data {

static_assert(network::input::size == input_size && network::output::size == output_size &&
                  network::value_count == 73,
              "tiny: this header was written for another version of strata");

alignas(64) inline constexpr float values[network::array_size] = {
-0x1.21c8fp-1f, 0x1.912c96p-2f, 0x1.37c922p-4f, 0x1.45de04p-3f, 0x1.af9aecp-2f, -0x1.a4ca12p-3f, -0x1.047eb6p-1f,
0x1.940b7p-2f, 0x1.b7df16p-6f, 0x1.cd1638p-3f, -0x1.f57f5p-2f, 0x1.7040dap-6f, -0x1.6f2476p-3f, 0x1.c5f16ep-3f,
-0x1.8c04d8p-2f, -0x1.dee30cp-4f, -0x1.6b4e52p-1f, -0x1.29c33ap-1f, -0x1.2e04a8p-2f, -0x1.a2f92cp-3f, -0x1.b0d838p-2f,
0x1.7b997ap-2f, -0x1.bf48d6p-4f, -0x1.4ca4ecp-4f, 0, 0, 0, 0, 0, 0, 0, 0, 0x1p0f, 0x1p0f, 0x1p0f, 0x1p0f, 0x1p0f,
0x1p0f, 0x1p0f, 0x1p0f, 0, 0, 0, 0, 0, 0, 0, 0, 0x1.bdb3f2p-5f, -0x1.93909p-1f, 0x1.4a58c8p-2f, 0x1.309c8cp-2f,
0x1.437772p-1f, 0x1.e0d0bp-2f, 0x1.4a2f56p-6f, 0x1.91124p-2f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x1p0f, 0x1p0f, 0x1p0f,
0x1p0f, 0x1p0f, 0x1p0f, 0x1p0f, 0x1p0f,
};

inline const float* weights() noexcept { return values; }

inline constexpr float test_inputs[] = {
0x1.c2d38cp-1f, 0x1.3601b8p-1f, 0x1.72c804p-2f,
};
inline constexpr float test_outputs[] = {
-0x1.0c4f38p-3f,
};

}  // namespace data

/// Writes the outputs of one sample of floats, doubles, integers, or bytes, which count 1 / 255 of themselves unless the
/// first layer takes them as they are. Returns false, and writes nothing, where an Embedding is given what is no index.
template <class T> bool predict(const T* x, float* y, workspace& memory) noexcept {
    return network::predict(data::weights(), x, y, memory);
}

/// The same in a workspace of the thread's own.
template <class T> bool predict(const T* x, float* y) noexcept {
    static thread_local workspace memory;
    return tiny::predict(x, y, memory);
}

/// Predicts a sample whose outputs are known, and returns how far off they are, as a share of the largest: 1e-5, say.
inline float self_test(workspace& memory) noexcept {
    float found[output_size], largest = 0, difference = 0;
    tiny::predict(data::test_inputs, found, memory);
    for (std::size_t i = 0; i < output_size; ++i) {
        const float off = std::fabs(found[i] - data::test_outputs[i]);
        if (off != off) return off;  // no number
        difference = std::fmax(difference, off);
        largest = std::fmax(largest, std::fabs(data::test_outputs[i]));
    }
    return largest > 0 ? difference / largest : difference;
}

inline float self_test() noexcept {
    static thread_local workspace memory;
    return self_test(memory);
}

}  // namespace STRATA_ISA
}  // namespace tiny
