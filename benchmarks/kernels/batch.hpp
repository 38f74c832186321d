#pragma once

#include <cstddef>
#include <cstdint>
#include <strata/core/random.hpp>
#include <strata/simd/memory.hpp>
#include <strata/simd/pack.hpp>

/// A batch as a thread sees it: packs of samples, each with memory of its own.
using pack_of_samples = strata::authoring::pack<float>;
inline constexpr std::size_t lanes_of_a_pack = strata::authoring::lanes<pack_of_samples>;
inline constexpr std::size_t batch_size = 32;
inline constexpr std::size_t packs_of_a_batch = batch_size / lanes_of_a_pack;

/// Uniform in [-limit, limit): not constant, never denormal.
template <class T> strata::authoring::aligned_vector<T> random_values(std::size_t count, double limit = 1) {
    static std::uint64_t stream = 0;
    strata::random_stream random(1, stream++);
    strata::authoring::aligned_vector<T> values(count);
    auto* scalars = strata::authoring::as_lanes(values.data());
    for (std::size_t i = 0; i < count * strata::authoring::lanes<T>; ++i) {
        scalars[i] = static_cast<float>(random.symmetric(limit));
    }
    return values;
}

/// The cells of all samples of a batch.
template <class V = pack_of_samples> class batch_cells {
public:
    static_assert(strata::authoring::lanes<V> == lanes_of_a_pack);

    explicit batch_cells(std::size_t cells_of_a_sample, double limit = 1)
        : stride_{cells_of_a_sample}, cells_{random_values<V>(packs_of_a_batch * cells_of_a_sample, limit)} {}

    V* pack(std::size_t i) { return cells_.data() + i * stride_; }
    double bytes() const { return static_cast<double>(cells_.size() * sizeof(V)); }

private:
    std::size_t stride_;
    strata::authoring::aligned_vector<V> cells_;
};

using parameters = strata::authoring::aligned_vector<float>;

inline parameters random_parameters(std::size_t count) { return random_values<float>(count, 0.1); }

inline double bytes_of(const parameters& values) { return static_cast<double>(values.size() * sizeof(float)); }
