#include "strata/model/network.hpp"

#include "strata/layers/activation.hpp"
#include "strata/layers/composites.hpp"
#include "strata/layers/conv2d.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/pooling2d.hpp"
#include "strata/layers/reshape.hpp"
#include "support/catch.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace strata::authoring;

namespace {

// A convolution and its pool are one step, but two layers.
using Pooled =
    network<shape<4, 4, 2>, Conv2D<3, Tanh, Same>, MaxPooling2D<>, Flatten, Frozen<Dense<5>>, Dense<2, GELU>>;
static_assert(Pooled::depth == 5 && Pooled::written::depth == 6);
static_assert(Pooled::class_names ==
              std::array<std::string_view, 5>{"Conv2D", "MaxPooling2D", "Flatten", "Dense", "Dense"});
static_assert(Pooled::layer_of<0> == 0 && Pooled::layer_of<1> == 2 && Pooled::layer_of<4> == 4);
static_assert(Pooled::written::layer_of<1> == 1);
static_assert(std::is_same_v<Pooled::output, Pooled::written::output>);

}  // namespace

TEST_CASE("network: the values of the layers as they were written") {
    std::vector<std::pair<std::size_t, std::string>> trained, all;
    std::vector<std::size_t> offsets;
    Pooled::for_each_parameter([&](std::size_t layer, const parameter& p, std::size_t offset) {
        trained.emplace_back(layer, p.name);
        offsets.push_back(offset);
    });
    Pooled::for_each_value(
        [&](std::size_t layer, const parameter& p, std::size_t, bool) { all.emplace_back(layer, p.name); });
    CHECK(trained ==
          std::vector<std::pair<std::size_t, std::string>>{{0, "kernel"}, {0, "bias"}, {4, "kernel"}, {4, "bias"}});
    CHECK(offsets == std::vector<std::size_t>{0, 54, 57, 67});
    CHECK(all == std::vector<std::pair<std::size_t, std::string>>{
                     {0, "kernel"}, {0, "bias"}, {3, "kernel"}, {3, "bias"}, {4, "kernel"}, {4, "bias"}});
}
