#include "kernels/activation/function_check.hpp"
#include "strata/kernels/activation/functions.hpp"
#include "strata/kernels/activation/rows.hpp"
#include "support/catch.hpp"
#include "support/keras_vectors.hpp"
#include "support/lanes.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>
#include <string>
#include <vector>

using namespace strata;
using namespace strata::test;

namespace {

template <class T> constexpr double keras_tolerance = sizeof(T) == sizeof(float) ? 1e-5 : 1e-10;

/// The cases that a test has compared.
class compared_cases {
public:
    /// Compares a function and its gradient, number by number, with what Keras computed, wherever T holds the result.
    template <class Function> void compare(const std::string& name) {
        const auto x = tensor(name + "/x"), y = tensor(name + "/y"), dy = tensor(name + "/dy"),
                   dx = tensor(name + "/dx");
        for_each_value_type([&]<class V>(const V&, const char* type) {
            using T = scalar_t<V>;
            INFO(name << ", " << type);
            std::vector<double> result, gradient, expected, expected_gradient;
            for (std::size_t i = 0; i < x.size(); ++i) {
                if (std::isinf(T(y[i])) || std::isinf(T(dx[i]))) continue;
                const V z = V(T(x[i]));
                result.push_back(only_value(Function::apply(z)));
                gradient.push_back(only_value(V(T(dy[i])) * derivative<Function>(z)));
                expected.push_back(y[i]);
                expected_gradient.push_back(dx[i]);
            }
            CHECK(relative_error(result, expected) < keras_tolerance<T>);
            CHECK(relative_error(gradient, expected_gradient) < keras_tolerance<T>);
        });
        names_.insert(name);
    }

    /// The same for functions of rows: `forward(x, y)`, `backward(x, y, dy, dx)`. The samples are in the lanes.
    template <class Forward, class Backward>
    void compare_rows(const std::string& name, Forward&& forward, Backward&& backward) {
        const auto x = tensor(name + "/x"), y = tensor(name + "/y"), dy = tensor(name + "/dy"),
                   dx = tensor(name + "/dx");
        constexpr std::size_t samples = 3;
        for_each_value_type([&]<class V>(const V&, const char* type) {
            using T = scalar_t<V>;
            INFO(name << ", " << type);
            std::vector<double> result, gradient;
            for (std::size_t first = 0; first < samples; first += lanes<V>) {
                const std::size_t count = std::min(lanes<V>, samples - first);
                const auto cells_of = [&](const std::vector<double>& values) {
                    const std::size_t size = values.size() / samples;
                    aligned_vector<V> cells(size, V(T(0)));
                    for (std::size_t n = 0; n < count; ++n)
                        for (std::size_t i = 0; i < size; ++i)
                            as_lanes(cells.data())[i * lanes<V> + n] = T(values[(first + n) * size + i]);
                    return cells;
                };
                const auto z = cells_of(x), upstream = cells_of(dy);
                auto cells = unwritten_cells<V>(upstream.size()), input_gradient = unwritten_cells<V>(z.size());
                forward(z.data(), cells.data());
                backward(z.data(), cells.data(), upstream.data(), input_gradient.data());
                for (std::size_t n = 0; n < count; ++n) {
                    const auto sample = lane(cells, n), sample_gradient = lane(input_gradient, n);
                    result.insert(result.end(), sample.begin(), sample.end());
                    gradient.insert(gradient.end(), sample_gradient.begin(), sample_gradient.end());
                }
            }
            CHECK(relative_error(result, y) < keras_tolerance<T>);
            CHECK(relative_error(gradient, dx) < keras_tolerance<T>);
        });
        names_.insert(name);
    }

    [[nodiscard]] std::set<std::string> missing() const {
        std::set<std::string> names;
        for (const auto& name : vectors_.cases())
            if (!names_.contains(name)) names.insert(name);
        return names;
    }

private:
    std::vector<double> tensor(const std::string& name) const { return vectors_.tensor(name).values; }

    keras_vectors vectors_{"activations"};
    std::set<std::string> names_;
};

}  // namespace

TEST_CASE("activation functions compute what Keras computes") {
    using namespace kernels;
    compared_cases cases;
    cases.compare<linear>("linear");
    cases.compare<relu>("relu");
    cases.compare<relu6>("relu6");
    cases.compare<leaky_relu<0.2>>("leaky_relu");
    cases.compare<leaky_relu<0.3>>("leaky_relu_layer_default");
    cases.compare<bounded_relu<6, 0.1, 1>>("relu_max6_slope01_thr1");
    cases.compare<elu>("elu");
    cases.compare<selu>("selu");
    cases.compare<celu<1>>("celu");
    cases.compare<kernels::sigmoid>("sigmoid");
    cases.compare<hard_sigmoid>("hard_sigmoid");
    cases.compare<silu>("silu");
    cases.compare<hard_silu>("hard_silu");
    cases.compare<gelu>("gelu");
    cases.compare<gelu_tanh>("gelu_tanh");
    cases.compare<kernels::tanh>("tanh");
    cases.compare<hard_tanh>("hard_tanh");
    cases.compare<tanh_shrink>("tanh_shrink");
    cases.compare<hard_shrink<0.5>>("hard_shrink");
    cases.compare<soft_shrink<0.5>>("soft_shrink");
    cases.compare<softplus>("softplus");
    cases.compare<softsign>("softsign");
    cases.compare<exponential>("exponential");
    cases.compare<mish>("mish");
    cases.compare<log_sigmoid>("log_sigmoid");
    cases.compare<sparse_plus>("sparse_plus");
    cases.compare<squareplus<4>>("squareplus");
    cases.compare_rows(
        "softmax", [](const auto* x, auto* y) { softmax_forward<1, 19>(x, y); },
        [](const auto*, const auto* y, const auto* dy, auto* dx) { softmax_gradient<1, 19>(y, dy, dx); });
    cases.compare_rows(
        "log_softmax", [](const auto* x, auto* y) { log_softmax_forward<1, 19>(x, y); },
        [](const auto*, const auto* y, const auto* dy, auto* dx) { log_softmax_gradient<1, 19>(y, dy, dx); });
    cases.compare_rows(
        "glu", [](const auto* x, auto* y) { glu_forward<1, 9>(x, y); },
        [](const auto* x, const auto*, const auto* dy, auto* dx) { glu_gradient<1, 9>(x, dy, dx); });
    CHECK(cases.missing() == std::set<std::string>{"prelu", "prelu_shared"});
}
