#pragma once

#include "strata/core/shape.hpp"
#include "strata/model/network.hpp"
#include "strata/model/one_sample_pass.hpp"
#include "strata/simd/memory.hpp"
#include "support/catch.hpp"
#include "support/lanes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

/// Layers against what Keras computed: forward, and the gradients of the input and of each parameter.
namespace strata::test {

struct case_tensor {
    std::vector<double> values;
    std::vector<std::size_t> extents;
};

/// One case of a file of tests/data/keras.
struct keras_case {
    std::string name;
    std::string keras_class;
    std::string description;  // what Keras was asked to compute
    std::map<std::string, case_tensor> tensors;
};

/// Reads a case. (Defined in test_keras_cases.cpp: only that file has to compile a reader of JSON.)
keras_case read_case(const std::string& family, const std::string& name);

/// The cases of a family that any file of this program tests.
inline std::set<std::string>& tested_names(const std::string& family) {
    static std::map<std::string, std::set<std::string>> names;
    return names[family];
}

/// What a network makes of a case; parameter gradients are summed over its samples. `one_by_one` is what the one-sample
/// forms predict.
struct case_result {
    std::vector<double> predicted, one_by_one, y, dx, gradients;
};

/// Predicts the samples of a case one by one, each with the lanes of V over its cells.
template <class Network, class V>
std::vector<double> run_one_by_one(const std::vector<double>& x, const std::vector<double>& parameters) {
    using T = scalar_t<V>;
    using pass = one_sample_pass<Network, V>;
    aligned_vector<T> p(parameters.begin(), parameters.end());
    p.resize(p.size() + lanes<V>);
    std::vector<double> y;
    for (auto sample = x.begin(); sample != x.end(); sample += Network::input::size) {
        auto cells = unwritten_cells<T>(pass::cells);
        std::transform(sample, sample + Network::input::size, cells.begin(), [](double value) { return T(value); });
        const T* output = pass::run(cells.data(), p.data());
        y.insert(y.end(), output, output + Network::output::size);
    }
    return y;
}

/// Runs a network over all samples of a case, in as many packs as they need.
template <class Network, class V>
case_result run_case(const std::vector<double>& x, const std::vector<double>& dy,
                     const std::vector<double>& parameters) {
    using T = scalar_t<V>;
    constexpr std::size_t inputs = Network::input::size, outputs = Network::output::size;
    const std::size_t samples = x.size() / inputs;
    case_result result{std::vector<double>(samples * outputs),
                       run_one_by_one<Network, pack<T>>(x, parameters),
                       std::vector<double>(samples * outputs),
                       std::vector<double>(samples * inputs),
                       {}};
    const aligned_vector<T> p(parameters.begin(), parameters.end());
    aligned_vector<T> g(parameters.size(), T(0.5));  // has to be added to
    for (std::size_t first = 0; first < samples; first += lanes<V>) {
        const std::size_t count = std::min(lanes<V>, samples - first);
        const auto put = [&](const std::vector<double>& from, std::size_t size, V* cells) {
            std::fill_n(cells, size, V(T(0)));
            for (std::size_t n = 0; n < count; ++n) {
                for (std::size_t i = 0; i < size; ++i)
                    as_lanes(cells)[i * lanes<V> + n] = T(from[(first + n) * size + i]);
            }
        };
        const auto take = [&](const V* cells, std::size_t size, std::vector<double>& to) {
            for (std::size_t n = 0; n < count; ++n) {
                for (std::size_t i = 0; i < size; ++i) to[(first + n) * size + i] = as_lanes(cells)[i * lanes<V> + n];
            }
        };
        auto cells = unwritten_cells<V>(Network::template inference_cells<V>);
        put(x, inputs, cells.data());
        take(Network::predict(cells.data(), p.data()), outputs, result.predicted);

        cells = unwritten_cells<V>(Network::template training_cells<V>);
        put(x, inputs, cells.data());
        take(Network::template forward<Network::depth>(cells.data(), p.data()), outputs, result.y);
        put(dy, outputs, Network::output_gradient(cells.data()));
        take(Network::template backward<Network::depth, true>(cells.data(), p.data(), g.data()), inputs, result.dx);
    }
    for (const T gradient : g) result.gradients.push_back(double(gradient) - 0.5);
    return result;
}

template <class Network, class V> void compare_case(const keras_case& expected, double tolerance) {
    std::vector<double> parameters, gradients;
    Network::for_each_parameter([&](std::size_t, const parameter& p, std::size_t) {
        const case_tensor& tensor = expected.tensors.at(std::string(p.name));
        CHECK(tensor.extents == std::vector(p.extents.begin(), p.extents.begin() + std::ptrdiff_t(p.rank)));
        parameters.insert(parameters.end(), tensor.values.begin(), tensor.values.end());
    });
    REQUIRE(parameters.size() == Network::parameter_count);
    const auto values = [&](const char* name) { return expected.tensors.at(name).values; };
    const case_result result = run_case<Network, V>(values("x"), values("dy"), parameters);
    CHECK(relative_error(result.predicted, values("y")) < tolerance);
    CHECK(relative_error(result.one_by_one, values("y")) < tolerance);
    CHECK(relative_error(result.y, values("y")) < tolerance);
    CHECK(relative_error(result.dx, values("dx")) < tolerance);
    Network::for_each_parameter([&](std::size_t, const parameter& p, std::size_t offset) {
        INFO("gradient of the parameter " << p.name);
        const auto begin = result.gradients.begin() + std::ptrdiff_t(offset);
        CHECK(relative_error(std::vector(begin, begin + std::ptrdiff_t(p.size())),
                             values(("d_" + std::string(p.name)).c_str())) < tolerance);
    });
}

/// Compares layers with a case, in double and, lane by lane, in float.
template <class In, class... Layers> void as_keras(const keras_case& expected) {
    using network = strata::network<typename In::output, Layers...>;
    INFO(expected.name << ": " << expected.description);
    const auto with_batch = [](const auto& extents) {
        std::vector<std::size_t> all{3};
        all.insert(all.end(), extents.begin(), extents.end());
        return all;
    };
    REQUIRE(expected.tensors.at("x").extents == with_batch(network::input::extents));
    REQUIRE(expected.tensors.at("y").extents == with_batch(network::output::extents));
    constexpr std::array names{Layers::class_name...};
    CHECK((expected.keras_class == names[0] || expected.keras_class == "Activation"));
    compare_case<network, double>(expected, 1e-10);
    compare_case<network, pack<float>>(expected, 1e-5);
}

/// The cases of a family that one test file compares, by name: `{"00_400_u120_tanh", as_keras<Input<400>, Dense<120,
/// Tanh>>}`.
class tested_cases {
public:
    using check = void (*)(const keras_case&);

    tested_cases(std::string family, std::initializer_list<std::pair<const char*, check>> cases)
        : family_{std::move(family)}, cases_{cases} {
        for (const auto& [name, compare] : cases_) tested_names(family_).insert(name);
    }

    void run() const {
        for (const auto& [name, compare] : cases_) compare(read_case(family_, name));
    }

private:
    std::string family_;
    std::vector<std::pair<const char*, check>> cases_;
};

}  // namespace strata::test
