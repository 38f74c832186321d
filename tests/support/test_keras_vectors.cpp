#include "support/keras_vectors.hpp"

#include "support/catch.hpp"

#include <cmath>
#include <cstddef>
#include <numeric>
#include <string>

using namespace strata::authoring;
using test::keras_vectors;

TEST_CASE("every file of Keras vectors is read whole") {
    struct row {
        const char* family;
        std::size_t cases;
        std::size_t tensors;
    };
    for (const auto& [family, cases, tensors] : {row{"activations", 32, 132},
                                                 {"conv2d", 17, 134},
                                                 {"dense", 8, 50},
                                                 {"losses", 46, 207},
                                                 {"optimizers", 24, 50},
                                                 {"pooling2d", 26, 104},
                                                 {"lenet5", 4, 85},
                                                 {"lenet5_trained_by_keras", 0, 10},
                                                 {"lenet5_trained_probabilities", 0, 1}}) {
        INFO(family);
        const keras_vectors vectors{family};
        CHECK(vectors.cases().size() == cases);
        CHECK(vectors.file().size() == tensors);
        for (const std::string& name : vectors.file().names()) {
            INFO(name);
            const test::keras_tensor tensor = vectors.tensor(name);
            std::size_t count = 1;
            for (const std::size_t extent : tensor.extents) count *= extent;
            REQUIRE(tensor.values.size() == count);
            REQUIRE_FALSE(first_nonfinite(vectors.file().at(name)).has_value());
        }
        for (const std::string& name : vectors.cases()) {
            if (!vectors.contains(name + "/x")) continue;
            std::vector<std::size_t> row = vectors.tensor(name + "/x").extents;
            row.erase(row.begin());
            CHECK(vectors.description(name).at("input_shape").get<std::vector<std::size_t>>() == row);
        }
    }
}

TEST_CASE("Keras vectors hold what Keras computed") {
    const keras_vectors vectors{"activations"};
    const auto x = vectors.tensor("tanh/x");
    const auto y = vectors.tensor("tanh/y");
    CHECK(x.extents == std::vector<std::size_t>{3, 19});
    for (std::size_t i = 0; i < x.values.size(); ++i)
        CHECK(y.values[i] == Approx(std::tanh(x.values[i])).margin(1e-15));
    CHECK(vectors.description("tanh").at("class") == "Activation");
    CHECK(vectors.cases().front() == "linear");
    CHECK_THROWS_AS(vectors.tensor("tanh/none"), file_error);
}

TEST_CASE("probabilities that Keras stored as F32 add up to 1 in every row") {
    const auto probabilities = keras_vectors{"lenet5_trained_probabilities"}.tensor("probabilities");
    REQUIRE(probabilities.extents == std::vector<std::size_t>{1000, 10});
    for (auto row = probabilities.values.begin(); row != probabilities.values.end(); row += 10) {
        CHECK(std::accumulate(row, row + 10, 0.0) == Approx(1).epsilon(1e-6));
    }
}
