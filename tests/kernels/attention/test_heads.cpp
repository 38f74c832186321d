#include "strata/kernels/attention/heads.hpp"

#include "support/catch.hpp"
#include "support/lanes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

using namespace strata::authoring;
using namespace strata::authoring::kernels::attention;
using namespace strata::authoring::test;

namespace {

/// One sample of one head, by its definition: y = w v, dv = w^T dy, and with s = q k^T the gradients through softmax. A
/// probability that is dropped has a factor of zero.
template <attention_form Form> struct naive {
    aligned_vector<double> q, k, v, dy;
    aligned_vector<double> y = zeros(Form.queries * Form.value), dq = zeros(Form.queries * Form.key),
                           dk = zeros(Form.sources * Form.key), dv = zeros(Form.sources * Form.value);

    static aligned_vector<double> zeros(std::size_t size) { return aligned_vector<double>(size); }

    template <class Factor> void run(const Factor& factor) {
        for (std::size_t t = 0; t < Form.queries; ++t) {
            const std::size_t count = Form.causal ? std::min(t + 1, Form.sources) : Form.sources;
            std::vector<double> p(count), dp(count);
            double sum = 0, mean = 0;
            for (std::size_t s = 0; s < count; ++s) {
                double score = 0;
                for (std::size_t i = 0; i < Form.key; ++i) score += q[t * Form.key + i] * k[s * Form.key + i];
                sum += p[s] = std::exp(score);
            }
            for (std::size_t s = 0; s < count; ++s) {
                p[s] /= sum;
                for (std::size_t i = 0; i < Form.value; ++i) {
                    y[t * Form.value + i] += factor(t, s) * p[s] * v[s * Form.value + i];
                    dv[s * Form.value + i] += factor(t, s) * p[s] * dy[t * Form.value + i];
                    dp[s] += factor(t, s) * dy[t * Form.value + i] * v[s * Form.value + i];
                }
                mean += p[s] * dp[s];
            }
            for (std::size_t s = 0; s < count; ++s) {
                const double ds = p[s] * (dp[s] - mean);
                for (std::size_t i = 0; i < Form.key; ++i) {
                    dq[t * Form.key + i] += ds * k[s * Form.key + i];
                    dk[s * Form.key + i] += ds * q[t * Form.key + i];
                }
            }
        }
    }
};

/// The cells of one head and one sample in rows of all heads.
template <class V>
aligned_vector<double> of_head(const aligned_vector<V>& cells, std::size_t head, std::size_t heads, std::size_t units,
                               std::size_t n) {
    const auto all = lane(cells, n);
    aligned_vector<double> part;
    for (std::size_t row = 0; row < all.size() / (heads * units); ++row) {
        const auto from = all.begin() + std::ptrdiff_t((row * heads + head) * units);
        part.insert(part.end(), from, from + std::ptrdiff_t(units));
    }
    return part;
}

template <attention_form Form, class V> void check(const std::string& name) {
    INFO(name);
    using kernel = heads<Form, V>;
    constexpr std::size_t keys = Form.heads * Form.key, values = Form.heads * Form.value;
    const strata::authoring::random_cells random{.seed = 7, .step = 3, .first_sample = 100, .layer = 2};
    const auto q = random_lanes<V>(Form.queries * keys, 1), k = random_lanes<V>(Form.sources * keys, 2),
               v = random_lanes<V>(Form.sources * values, 3), dy = random_lanes<V>(Form.queries * values, 4);
    auto y = unwritten_cells<V>(Form.queries * values), dq = unwritten_cells<V>(q.size()),
         dk = unwritten_cells<V>(k.size()), dv = unwritten_cells<V>(v.size()),
         kept = unwritten_cells<V>(kernel::kept_cells);
    auto scratch = unwritten_cells<V>(kernel::forward_scratch);
    kernel::forward(&random, q.data(), k.data(), v.data(), y.data(), kept.data(), scratch.data());
    scratch = unwritten_cells<V>(kernel::backward_scratch);
    kernel::backward(true, q.data(), k.data(), v.data(), dy.data(), kept.data(), dq.data(), dk.data(), dv.data(),
                     scratch.data());
    double error = 0;
    for (std::size_t head = 0; head < Form.heads; ++head) {
        for (std::size_t n = 0; n < lanes<V>; ++n) {
            naive<Form> expected{of_head(q, head, Form.heads, Form.key, n), of_head(k, head, Form.heads, Form.key, n),
                                 of_head(v, head, Form.heads, Form.value, n),
                                 of_head(dy, head, Form.heads, Form.value, n)};
            expected.run([&](std::size_t query, std::size_t source) {
                const std::size_t draw = query * Form.sources + source;
                std::uint32_t words[4][lanes<V>];
                random.repeated(head).draw(std::uint32_t(draw / 4), words);
                const bool stays = words[draw % 4][n] >= static_cast<std::uint32_t>(Form.rate * 0x1p32);
                return stays ? 1 / (1 - Form.rate) : 0;
            });
            error = std::max({error, relative_error(of_head(y, head, Form.heads, Form.value, n), expected.y),
                              relative_error(of_head(dq, head, Form.heads, Form.key, n), expected.dq),
                              relative_error(of_head(dk, head, Form.heads, Form.key, n), expected.dk),
                              relative_error(of_head(dv, head, Form.heads, Form.value, n), expected.dv)});
        }
    }
    CHECK(error < rounding<V>);
}

}  // namespace

TEST_CASE("attention: every head comes to what its definition says, forward and backward") {
    constexpr attention_form plain{.queries = 11, .sources = 7, .heads = 2, .key = 5, .value = 3};
    constexpr attention_form causal{
        .queries = 13, .sources = 13, .heads = 3, .key = 4, .value = 7, .causal = true, .rate = 0.25};
    check<plain, pack<float>>("plain, pack<float>");
    check<causal, pack<float>>("causal, pack<float>");
    check<causal, double>("causal, double");
}

TEST_CASE("attention: causal with more queries than sources, and with fewer") {
    constexpr attention_form more{.queries = 13, .sources = 6, .heads = 1, .key = 2, .value = 3, .causal = true};
    constexpr attention_form fewer{.queries = 5, .sources = 12, .heads = 1, .key = 2, .value = 3, .causal = true};
    check<more, pack<double>>("more");
    check<fewer, pack<double>>("fewer");
}
