/// A loss, a metric and an optimizer of a program's own: the Tukey biweight, which an outlier cannot pull away, on a
/// line with some points far off it, by steps of one size.
#include <cmath>
#include <cstdio>
#include <strata/strata.hpp>
using namespace strata::authoring;

/// (1 - (1 - (d / 4)^2)^3) for distances d below 4, and 1 beyond: an outlier has no gradient (Beaton, Tukey 1974).
struct Biweight {
    template <class Output> using target = Output;
    template <class Output> void check(const array_ref&) const {}

    template <class Output, bool Logits, class V> V value(const V* y, const V* target, const V& weight, V* dy) const {
        return mean_of_terms<Output>(y, target, weight, dy, [](const V& output, const V& wanted) {
            const V d = output - wanted, inside = math::max(V(0), V(1) - d * d * V(1.0f / 16));
            return loss_term<V>{V(1) - inside * inside * inside, V(6.0f / 16) * d * inside * inside};
        });
    }
};

/// The share of outputs that are less than 0.5 off.
struct Close {
    static constexpr std::string_view name = "close";

    template <class Output, class Target, class V> V value(const V* y, const V* target) const {
        V count(0);
        for (std::size_t i = 0; i < Output::size; ++i)
            count = count + math::select(math::abs(y[i] - target[i]) < V(0.5f), V(1), V(0));
        return count * V(1.0f / Output::size);
    }
};

/// Steps of one size against the sign of a moving average of the gradient (Bernstein and others 2018: Signum).
struct Signum {
    double learning_rate = 1e-3;
    double momentum = 0.9;

    static constexpr std::size_t slot_count = 1;
    void check() const {
        if (!(learning_rate > 0)) throw value_error("Signum: learning_rate must be positive");
    }

    template <class V> auto rule(std::uint64_t) const {
        using T = scalar_t<V>;
        return
            [rate = V(T(learning_rate)), keep = V(T(momentum)), take = V(T(1 - momentum))](V& w, const V& g, V* slot) {
                slot[0] = slot[0] * keep + g * take;
                w = w - math::select(slot[0] > V(0), rate, -rate);
            };
    }
};

int main() {
    tensor<float, 2> x(std::array<std::size_t, 2>{256, 1}), y(std::array<std::size_t, 2>{256, 1});
    for (std::size_t i = 0; i < 256; ++i) {
        x(i, 0) = static_cast<float>(i) / 128 - 1;
        y(i, 0) = i % 5 == 0 ? 20 : 2 * x(i, 0) + 1;  // every fifth point is an outlier
    }
    Sequential<Input<1>, Dense<1>> line(1);
    auto training = compile(line, Signum{.learning_rate = 0.004}, Biweight{}, Close{});
    training.fit(x, y, {.epochs = 200, .verbose = 0});
    const auto [loss, close] = training.evaluate(x, y, {.verbose = 0});
    const auto parameters = line.parameters();
    std::printf("y = %.2f x + %.2f, loss %.4f, close %.4f\n", static_cast<double>(parameters[0]),
                static_cast<double>(parameters[1]), loss, close);
    return std::abs(parameters[0] - 2) < 0.05 && std::abs(parameters[1] - 1) < 0.05 ? 0 : 1;
}
