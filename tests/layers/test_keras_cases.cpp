#include "layers/layer_case.hpp"
#include "support/catch.hpp"
#include "support/keras_vectors.hpp"

#include <algorithm>
#include <set>
#include <string>

namespace strata::test {

keras_case read_case(const std::string& family, const std::string& name) {
    const keras_vectors vectors(family);
    const auto& description = vectors.description(name);
    keras_case result{name, description.at("class").get<std::string>(), description.dump(), {}};
    for (const char* tensor : {"x", "y", "dy", "dx", "kernel", "bias", "d_kernel", "d_bias"}) {
        if (!vectors.contains(name + "/" + tensor)) continue;
        auto [values, extents] = vectors.tensor(name + "/" + tensor);
        result.tensors[tensor] = {std::move(values), std::move(extents)};
    }
    return result;
}

namespace {

void check_all_tested(const std::string& family) {
    const auto names = keras_vectors(family).cases();
    CHECK(tested_names(family) == std::set<std::string>(names.begin(), names.end()));
}

}  // namespace
}  // namespace strata::test

using namespace strata::test;

TEST_CASE("every case that Keras computed is compared") {
    check_all_tested("conv2d");
    check_all_tested("pooling2d");
    check_all_tested("dense");
}

TEST_CASE("of the activations that Keras computed, those the library has are compared") {
    const std::set<std::string> expected{"elu",     "gelu",        "gelu_tanh", "leaky_relu_layer_default",
                                         "linear",  "log_softmax", "relu",      "relu_max6_slope01_thr1",
                                         "sigmoid", "softmax",     "tanh"};
    CHECK(tested_names("activations") == expected);
}

TEST_CASE("a wrong result does not pass for what Keras computed") {
    const std::vector<double> expected{1, -4, 0};
    CHECK(relative_error(expected, expected) == 0);
    CHECK(relative_error(std::vector<double>{1, -4, 4e-9}, expected) == Approx(1e-9));
    CHECK(relative_error(std::vector<double>{1, -4}, expected) == INFINITY);
    CHECK(relative_error(std::vector<double>{1, NAN, 0}, expected) == INFINITY);
    CHECK(relative_error(std::vector<double>{NAN, 0, 0}, expected) == INFINITY);
}
