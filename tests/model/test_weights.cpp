#include "strata/core/errors.hpp"
#include "strata/layers/composites.hpp"
#include "strata/layers/conv2d.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/normalization/batch_normalization.hpp"
#include "strata/layers/reshape.hpp"
#include "strata/model/sequential.hpp"

#include "support/catch.hpp"
#include "support/xtensor.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using namespace strata::authoring;

namespace {

using Model = Sequential<Input<4, 5, 2>, Conv2D<3>, Frozen<BatchNormalization<>>, Flatten, Dense<2>>;
using extents = std::vector<std::size_t>;

template <class T> constexpr bool reads_only = std::is_same_v<T, weight_view<const float>>;

/// All values of a model.
std::vector<float> values_of(const Model& model) { return {model.values().begin(), model.values().end()}; }

}  // namespace

static_assert(reads_only<decltype(std::declval<const Model&>().weights(""))>);
static_assert(!reads_only<decltype(std::declval<Model&>().weights(""))>);

TEST_CASE("weights have the names of files, and the shapes") {
    Model model{3};
    CHECK(model.weight_names() ==
          std::vector<std::string>{"conv2d/kernel", "conv2d/bias", "batch_normalization/gamma",
                                   "batch_normalization/beta", "batch_normalization/moving_mean",
                                   "batch_normalization/moving_variance", "dense/kernel", "dense/bias"});
    std::size_t seen = 0;
    for (const parameter_entry& entry : model.value_table()) {
        const auto weight = std::as_const(model).weights(entry.name);
        CHECK(weight.shape() == entry.shape);
        CHECK(weight.size() == entry.size);
        CHECK(weight.data() == model.values().data() + entry.offset);
        seen += weight.size();
    }
    CHECK(seen == model.values().size());
    CHECK(model.weights("conv2d/kernel").shape() == extents{3, 3, 2, 3});
}

TEST_CASE("weights are read as arrays, as copies and one by one") {
    const Model model{3};
    const auto kernel = model.weights("conv2d/kernel");
    const tensor<float, 4> copy = kernel;
    const dynamic_tensor<float> any = kernel;
    const auto read = kernel.array();
    CHECK(copy.shape() == std::array<std::size_t, 4>{3, 3, 2, 3});
    CHECK((read == copy));
    CHECK((any == copy));
    CHECK(kernel(2, 1, 0, 2) == kernel.data()[2 * 18 + 1 * 6 + 0 * 3 + 2]);
    CHECK(kernel(2, 1, 0, 2) == copy(2, 1, 0, 2));
    CHECK_THROWS_WITH(kernel(2, 1), "weights: conv2d/kernel has the shape (3, 3, 2, 3), 2 indices were given");
    const auto of_another_rank = [&] { return tensor<float, 2>(kernel); };
    CHECK_THROWS_WITH(of_another_rank(), "weights: conv2d/kernel has the shape (3, 3, 2, 3), 2 axes were asked for");
}

TEST_CASE("what is assigned to a weight is in the model, and nothing else has changed") {
    Model model{3};
    const auto before = values_of(model);
    const auto bias = model.weights("dense/bias");
    bias = xt::xtensor<double, 1>{0.25, -4};  // of another type
    bias(1) = 7;
    model.weights("batch_normalization/moving_mean") = xt::ones<float>({3});
    const auto kernel = model.weights("dense/kernel");
    const auto all = xt::placeholders::_;
    kernel = 2.0f * xt::view(kernel.array(), xt::range(all, all, -1));  // an expression of what it is written to

    auto expected = before;
    const auto table = model.value_table();
    const auto first_of = [&](const char* name) {
        return expected.begin() + static_cast<std::ptrdiff_t>(table[place_of(name, table, "")].offset);
    };
    std::copy_n(std::vector<float>{0.25f, 7}.begin(), 2, first_of("dense/bias"));
    std::fill_n(first_of("batch_normalization/moving_mean"), 3, 1.0f);
    for (std::size_t i = 0; i < 18; ++i) {
        for (std::size_t j = 0; j < 2; ++j) {
            const auto from = table[place_of("dense/kernel", table, "")].offset + (17 - i) * 2 + j;
            first_of("dense/kernel")[static_cast<std::ptrdiff_t>(2 * i + j)] = 2 * before[from];
        }
    }
    CHECK(values_of(model) == expected);

    Model other{4};
    const Model& constant = model;
    for (const std::string& name : model.weight_names()) other.weights(name) = constant.weights(name);
    CHECK(values_of(other) == expected);
}

TEST_CASE("a weight keeps its shape, and an unknown one is refused") {
    Model model{3};
    const auto before = values_of(model);
    const auto kernel = model.weights("dense/kernel");
    CHECK_THROWS_WITH(kernel = xt::zeros<float>({2, 18}),
                      "weights: dense/kernel has the shape (18, 2), what is assigned has (2, 18)");
    CHECK_THROWS_WITH(kernel = model.weights("dense/bias"),
                      "weights: dense/kernel has the shape (18, 2), what is assigned has (2,)");
    CHECK_THROWS_AS(kernel = xt::zeros<float>({36}), shape_error);
    CHECK(kernel.shape() == extents{18, 2});
    CHECK(values_of(model) == before);
    CHECK_THROWS_WITH(model.weights("dense/kernal"),
                      "weights: the model has no \"dense/kernal\"; it has conv2d/kernel, conv2d/bias, "
                      "batch_normalization/gamma, batch_normalization/beta, batch_normalization/moving_mean, "
                      "batch_normalization/moving_variance, dense/kernel, dense/bias");

    const Model moved = std::move(model);
    CHECK_THROWS_AS(model.weights("dense/bias"), value_error);
}
