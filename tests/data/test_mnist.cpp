#include "strata/data/mnist.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

using namespace strata::authoring;

TEST_CASE("mnist::load gives images and labels as arrays") {
    const mnist::data_set data = mnist::load(STRATA_MNIST_DIR);
    for (const auto& [split, count] : {std::pair{&data.train, 60000u}, std::pair{&data.test, 10000u}}) {
        CHECK(shape_text(array_ref(split->images).shape()) == "(" + std::to_string(count) + ", 28, 28, 1)");
        CHECK(shape_text(array_ref(split->labels).shape()) == "(" + std::to_string(count) + ",)");
        CHECK(*std::max_element(split->labels.begin(), split->labels.end()) == 9);
    }
    // What every description of the data set says of its first images and its mean.
    CHECK(data.train.labels(0) == 5);
    CHECK(data.train.labels(1) == 0);
    CHECK(data.test.labels(0) == 7);
    CHECK(data.train.images(0, 5, 12, 0) == 3);
    CHECK(data.train.images(0, 0, 0, 0) == 0);
    const double sum = std::accumulate(data.train.images.begin(), data.train.images.end(), 0.0);
    CHECK(sum / (60000.0 * 784 * 255) == Approx(0.1307).margin(5e-5));
    CHECK(std::count(data.test.labels.begin(), data.test.labels.end(), 1) == 1135);
}
