#include "strata/layers/attention/multi_head_attention.hpp"
#include "strata/layers/composites.hpp"
#include "strata/layers/normalization/layer_normalization.hpp"
#include "strata/model/gradient_check.hpp"
#include "support/catch.hpp"
#include "support/small_models.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace strata::authoring;

namespace {

/// A block of a transformer's encoder, with the normalizations first (Xiong and others 2020).
template <std::size_t Units, std::size_t Hidden, class Attention>
using Block =
    Chain<Residual<LayerNormalization<>, Attention>, Residual<LayerNormalization<>, Dense<Hidden, GELU>, Dense<Units>>>;

}  // namespace

TEST_CASE("the gradients of a transformer's block are those of its result") {
    const gradient_report report = gradient_check<Input<4, 3>, Block<3, 5, MultiHeadAttention<2, 2, NoBias>>>();
    INFO(report.problem);
    CHECK(report.passed());
}

// The keys' bias has no gradient but for rounding.
TEST_CASE("a transformer learns, and so does every parameter of it") {
    using Transformer =
        Sequential<Input<6, 6, 1>, Reshape<6, 6>, Dense<8>,
                   Block<8, 16, MultiHeadAttention<2, 4, AttentionDropout<0.1>>>, Flatten, Dense<3, Softmax>>;
    const auto data = test::make_images(100);
    Transformer model(1);
    const auto before = test::parameters_of(model);
    auto training = compile(model, Adam{.learning_rate = 0.005}, SparseCategoricalCrossentropy{}, Accuracy{});
    const History history = training.fit(data.x, data.y, {.epochs = 10, .verbose = 0});
    CHECK(history["loss"].back() < 0.3 * history["loss"].front());
    for (const auto& entry : model.value_table()) {
        INFO(entry.name);
        const auto values = model.values().subspan(entry.offset, entry.size);
        const bool same = std::equal(values.begin(), values.end(), before.begin() + std::ptrdiff_t(entry.offset));
        CHECK((!same || entry.name == "multi_head_attention/key/bias"));
    }
    CHECK(model.value_table()[4].name == "multi_head_attention/query/kernel");
}
