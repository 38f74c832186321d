#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <strata/core/random.hpp>
#include <strata/core/tensor.hpp>
#include <strata/data/mnist.hpp>
#include <string>
#include <type_traits>
#include <utility>

/// Data for the benchmarks. What images show does not change a time, so random ones do where there are no others.
namespace samples {

/// Images (N, rows, columns, channels) and the class of each, from 0 to 9.
template <class Value> struct split {
    strata::Tensor<Value, 4> images;
    strata::Tensor<std::uint8_t, 1> labels;
};

template <class Value> struct data_set {
    split<Value> train;
    split<Value> test;
};

/// Bytes from 0 to 255, floats from 0 to 1.
template <class Value> split<Value> random_split(std::array<std::size_t, 4> shape, std::uint64_t seed) {
    strata::random_stream random(seed, 0);
    split<Value> part{strata::Tensor<Value, 4>(shape), strata::Tensor<std::uint8_t, 1>(std::array{shape[0]})};
    for (auto& value : part.images) {
        if constexpr (std::is_same_v<Value, std::uint8_t>)
            value = static_cast<Value>(random.below(256));
        else
            value = static_cast<Value>(random.uniform());
    }
    for (auto& label : part.labels) label = static_cast<std::uint8_t>(random.below(10));
    return part;
}

/// MNIST from a folder, or without one from where it usually is; failing that, as many random images of its size.
/// Throws file_error for a folder without it.
inline data_set<std::uint8_t> mnist(const std::string& folder) {
    const auto taken_from = [](strata::mnist::data_set read) {
        return data_set<std::uint8_t>{{std::move(read.train.images), std::move(read.train.labels)},
                                      {std::move(read.test.images), std::move(read.test.labels)}};
    };
    if (!folder.empty()) return taken_from(strata::mnist::load(folder));
    try {
        return taken_from(strata::mnist::load());
    } catch (const strata::file_error&) {
        std::fprintf(stderr, "MNIST was not found: random images of the same number and size are used.\n");
        return {random_split<std::uint8_t>({60'000, 28, 28, 1}, 1), random_split<std::uint8_t>({10'000, 28, 28, 1}, 2)};
    }
}

/// Random images of CIFAR's size.
inline data_set<float> cifar_like() {
    return {random_split<float>({2048, 32, 32, 3}, 1), random_split<float>({2048, 32, 32, 3}, 2)};
}

/// A copy of the samples first, ..., last - 1.
template <class Value> split<Value> rows(const split<Value>& from, std::size_t first, std::size_t last) {
    const auto& shape = from.images.shape();
    const std::size_t count = last - first, size = shape[1] * shape[2] * shape[3];
    split<Value> part{strata::Tensor<Value, 4>(std::array<std::size_t, 4>{count, shape[1], shape[2], shape[3]}),
                      strata::Tensor<std::uint8_t, 1>(std::array{count})};
    std::copy_n(from.images.data() + first * size, count * size, part.images.data());
    std::copy_n(from.labels.data() + first, count, part.labels.data());
    return part;
}

}  // namespace samples
