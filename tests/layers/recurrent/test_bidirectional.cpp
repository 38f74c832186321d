#include "strata/layers/recurrent/bidirectional.hpp"

#include "layers/layer_case.hpp"
#include "strata/layers/recurrent/gru.hpp"
#include "strata/layers/recurrent/simple_rnn.hpp"
#include "strata/model/gradient_check.hpp"

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <vector>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

using whole = network<shape<5, 3>, Bidirectional<GRU<4>>>;
static_assert(std::is_same_v<whole::output, shape<8>>);
static_assert(whole::value_count == 2 * network<shape<5, 3>, GRU<4>>::value_count);
static_assert(whole::class_names == std::array<std::string_view, 3>{"GRU", "GRU", "Concatenate"});
static_assert(std::is_same_v<network<shape<5, 3>, Bidirectional<GRU<4, ReturnSequences>, Sum>>::output, shape<5, 4>>);

using rnn = SimpleRNN<2, ReturnSequences>;
template <class Merge> using both = network<shape<3, 2>, Bidirectional<rnn, Merge>>;

}  // namespace

TEST_CASE("Bidirectional: the gradients are those of the result") {
    const gradient_report report = gradient_check<Input<4, 3>, Bidirectional<GRU<3, ReturnSequences>, Mul>>();
    INFO(report.problem);
    CHECK(report.passed());
}

TEST_CASE("Bidirectional: both sequences stand in the order of the input, and the merge is Keras'") {
    const std::vector<double> x{0.1, -0.4, 0.7, 0.3, -0.2, 0.5}, turned{-0.2, 0.5, 0.7, 0.3, 0.1, -0.4};
    std::vector<double> values;
    constexpr std::size_t half = network<shape<3, 2>, rnn>::value_count;
    for (std::size_t i = 0; i < 2 * half; ++i) values.push_back(0.9 - 0.07 * double(i));
    const auto alone = [](const std::vector<double>& in, const std::vector<double>& weights) {
        return predict_packs<network<shape<3, 2>, rnn>, double>(in, weights);
    };
    const auto forwards = alone(x, {values.begin(), values.begin() + half});
    const auto backwards = alone(turned, {values.begin() + half, values.end()});

    std::vector<double> concat, sum, product, mean;
    for (std::size_t t = 0; t < 3; ++t) {
        for (std::size_t u = 0; u < 2; ++u) concat.push_back(forwards[2 * t + u]);
        for (std::size_t u = 0; u < 2; ++u) {
            const double a = forwards[2 * t + u], b = backwards[2 * (2 - t) + u];
            concat.push_back(b);
            sum.push_back(a + b);
            product.push_back(a * b);
            mean.push_back((a + b) / 2);
        }
    }
    CHECK(predict_packs<both<Concat>, double>(x, values) == concat);
    CHECK(predict_packs<both<Sum>, double>(x, values) == sum);
    CHECK(predict_packs<both<Mul>, double>(x, values) == product);
    CHECK(predict_packs<both<Ave>, double>(x, values) == mean);
}
