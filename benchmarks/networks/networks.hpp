#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// The networks that are measured. Each one is compiled by itself.
namespace networks {

/// train: an epoch. predict: all test samples. one: a single sample.
enum class mode { train, predict, one };

struct request {
    networks::mode mode = mode::train;
    std::size_t batch = 32;
    std::size_t threads = 1;
    std::size_t repeats = 5;
    std::size_t most_samples = ~std::size_t{0};
    std::uint64_t seed = 0;
    std::string weights{};       // a safetensors file to start from
    std::string data{};          // the folder of MNIST
    void (*loaded)() = nullptr;  // called once the data are there
};

struct percentiles {
    double p50, p99, p999, max;  // microseconds
};

struct outcome {
    std::vector<double> seconds{};    // one for each repetition
    std::size_t samples = 0;          // in one repetition
    double multiply_adds = 0;         // of one sample
    std::optional<double> loss{};     // the mean of the first epoch, which is not timed
    std::vector<float> prediction{};  // of the first test sample
    std::optional<networks::percentiles> percentiles{};
};

outcome lenet5(const request& what);
outcome mlp(const request& what);
outcome vgg(const request& what);
outcome resnet20(const request& what);
outcome lstm(const request& what);
outcome gru(const request& what);
outcome tcn(const request& what);
outcome separable(const request& what);
outcome mlp_normalized(const request& what);

struct network {
    const char* name;
    outcome (*measure)(const request&);
};
inline constexpr std::array all{network{"lenet5", lenet5},
                                network{"mlp", mlp},
                                network{"vgg", vgg},
                                network{"resnet20", resnet20},
                                network{"lstm", lstm},
                                network{"gru", gru},
                                network{"tcn", tcn},
                                network{"separable", separable},
                                network{"mlp_normalized", mlp_normalized}};

}  // namespace networks
