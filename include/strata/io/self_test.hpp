#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/input_value.hpp"
#include "strata/core/random.hpp"
#include "strata/core/text.hpp"
#include "strata/io/safetensors.hpp"
#include "strata/io/tensor_view.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The self-test of a model's file: a sample, and what the model that was saved makes of it. A network with the same
/// parameters, but another activation, say, or one whose tensors were brought from elsewhere in a wrong order, would
/// load without it and be silently wrong.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// A model that can be tested: it predicts one sample, as Sequential does.
template <class Model>
concept testable = requires(const Model& model, const float* x, typename Model::value_type* y) {
    Model::input::size;
    Model::output::size;
    Model::index_count;
    Model::bits_of_products;
    model.predict(x, y);
};

namespace detail {

inline constexpr std::string_view self_test_inputs = "self_test/inputs", self_test_outputs = "self_test/outputs";

/// Whether a tensor of this name belongs to the self-test, and not to the model.
inline bool is_of_self_test(std::string_view name) { return name == self_test_inputs || name == self_test_outputs; }

/// A sample for a self-test: numbers in [0, 1), or one of `indices` indices.
STRATA_OUT_OF_LINE inline std::vector<float> self_test_sample(std::size_t size, std::size_t indices) {
    random_stream random(0, 0);
    std::vector<float> sample(size);
    for (float& value : sample) {
        const double uniform = random.uniform();
        value = static_cast<float>(indices == 0 ? uniform : std::floor(uniform * static_cast<double>(indices)));
    }
    return sample;
}

/// How far the outputs of a self-test may be apart, as a share of the largest: what other registers and orders of sums
/// make of them, with values, or products, of so many bits.
inline double self_test_tolerance(std::size_t bits) { return bits <= 16 ? 0.05 : bits <= 32 ? 1e-3 : 1e-9; }

/// Throws file_error where outputs differ by more than `tolerance` of the largest one.
STRATA_OUT_OF_LINE inline void compare_self_test(std::span<const double> expected, std::span<const double> found,
                                                 double tolerance, const safetensors_file& file) {
    double largest = 0;
    for (const double value : expected) {
        if (std::isfinite(value)) largest = std::max(largest, std::fabs(value));
    }
    const auto agree = [&](double a, double b) {
        if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
        return a == b || std::fabs(a - b) <= tolerance * largest;
    };
    for (std::size_t i = 0; i < expected.size(); ++i) {
        if (agree(expected[i], found[i])) continue;
        const auto network = file.metadata().find("network");
        raise<file_error>(
            {file.file_name(), ": the self-test of this file fails: output ", i, " should be ", exact_text(expected[i]),
             ", and is ", exact_text(found[i]),
             " (a network of the same parameters, but with other layers without any, or other options; ",
             network == file.metadata().end() ? "" : concat({"it was written by ", network->second, "; "}),
             "the model is as it was)"});
    }
}

/// The sample of a file's self-test. Throws file_error unless it fits a network of so many inputs and outputs, and of
/// so many indices where it begins with an Embedding.
STRATA_OUT_OF_LINE inline std::vector<float> stored_sample(const safetensors_file& file, std::size_t inputs,
                                                           std::size_t outputs, std::size_t indices) {
    for (const auto& [name, size] : {std::pair(self_test_inputs, inputs), std::pair(self_test_outputs, outputs)}) {
        const tensor_view tensor = file.at(std::string(name));
        std::size_t count = 1;
        for (const std::size_t extent : tensor.extents) count *= extent;
        if (count != size || !is_floating(tensor.type)) {
            raise<file_error>({file.file_name(), ": its ", name, " have the shape ", extents_text(tensor.extents),
                               " and the type ", dtype_name(tensor.type), ", ", size,
                               " numbers expected (it is of another network; the model is as it was)"});
        }
    }
    auto sample = file.values<float>(std::string(self_test_inputs));
    for (const float value : sample) {
        if (indices == 0 || is_index(static_cast<double>(value), indices)) continue;
        raise<file_error>({file.file_name(), ": its ", self_test_inputs, " hold ",
                           exact_text(static_cast<double>(value)), ", which is none of the ", indices,
                           " indices of the Embedding (it is of another network; the model is as it was)"});
    }
    return sample;
}

/// The fewest bits of a value of the file that are not the self-test's.
STRATA_OUT_OF_LINE inline std::size_t fewest_bits(const safetensors_file& file) {
    std::size_t fewest = 64;
    for (const std::string& name : file.names()) {
        const dtype type = file.at(name).type;
        if (is_of_self_test(name) || !is_floating(type)) continue;
        fewest = std::min<std::size_t>(fewest, type == dtype::f64 ? 64 : type == dtype::f32 ? 32 : 16);
    }
    return fewest;
}

/// What a model makes of a sample.
template <testable Model>
std::vector<typename Model::value_type> outputs_of(const Model& model, const std::vector<float>& sample) {
    std::vector<typename Model::value_type> outputs(Model::output::size);
    model.predict(sample.data(), outputs.data());
    return outputs;
}

/// Throws file_error if the file has a self-test, and the model, which has its values, fails it.
template <testable Model> void verify_self_test(const Model& model, const safetensors_file& file) {
    if (!file.contains(std::string(self_test_outputs))) return;
    const auto sample = stored_sample(file, Model::input::size, Model::output::size, Model::index_count);
    const auto found = outputs_of(model, sample);
    compare_self_test(file.values<double>(std::string(self_test_outputs)),
                      std::vector<double>(found.begin(), found.end()),
                      self_test_tolerance(std::min(fewest_bits(file), Model::bits_of_products)), file);
}

}  // namespace detail

}  // namespace STRATA_ISA
}  // namespace strata::authoring
