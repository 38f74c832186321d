#pragma once

#include "strata/io/safetensors.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace strata::authoring::test {

/// A tensor that Keras computed, converted to double whatever it was stored as.
struct keras_tensor {
    std::vector<double> values;
    std::vector<std::size_t> extents;
};

/// One file of tests/data/keras: `keras_vectors vectors{"conv2d"}; auto x = vectors.tensor("CASE/x");`
class keras_vectors {
public:
    explicit keras_vectors(const std::string& family)
        : file_(safetensors_file::read(std::string(STRATA_TEST_DATA_DIR "/keras/") + family + ".safetensors")) {
        const auto found = file_.metadata().find("cases");
        if (found != file_.metadata().end()) cases_ = nlohmann::ordered_json::parse(found->second);
    }

    /// The names of the cases, in Keras' order.
    [[nodiscard]] std::vector<std::string> cases() const {
        std::vector<std::string> names;
        for (const auto& [name, value] : cases_.items()) names.push_back(name);
        return names;
    }

    /// What Keras was asked to compute: class, config, input_shape, output_shape. Throws if there is no such case.
    [[nodiscard]] const nlohmann::ordered_json& description(const std::string& name) const { return cases_.at(name); }

    /// Whether the file holds this tensor, named `CASE/NAME`.
    [[nodiscard]] bool contains(const std::string& name) const { return file_.contains(name); }

    /// The tensor named `CASE/NAME`. Throws file_error if there is none.
    [[nodiscard]] keras_tensor tensor(const std::string& name) const {
        return {file_.values<double>(name), file_.at(name).extents};
    }

    /// All tensors and metadata, as stored.
    [[nodiscard]] const safetensors_file& file() const { return file_; }

private:
    safetensors_file file_;
    nlohmann::ordered_json cases_ = nlohmann::ordered_json::object();
};

}  // namespace strata::authoring::test
