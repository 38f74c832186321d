#pragma once

#include "strata/config.hpp"
#include "strata/core/parameter.hpp"
#include "strata/core/shape.hpp"
#include "strata/model/batch_run.hpp"
#include "strata/model/network.hpp"
#include "strata/model/network_pass.hpp"
#include "strata/model/one_sample_pass.hpp"
#include "strata/simd/memory.hpp"
#include "support/catch.hpp"
#include "support/lanes.hpp"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

/// Layers against what Keras computed: forward, and the gradients of the input and of each parameter. What does not
/// depend on the network is compiled once, in test_keras_cases.cpp.
namespace strata::authoring::test {

struct case_tensor {
    std::vector<double> values;
    std::vector<std::size_t> extents;
};

/// One case of a file of tests/data/keras.
struct keras_case {
    std::string name;
    std::string keras_class;
    std::string description;  // what Keras was asked to compute
    bool training = true;
    std::map<std::string, case_tensor> tensors;
};

/// Reads a case.
keras_case read_case(const std::string& family, const std::string& name);

/// The cases of a family that any file of this program tests.
inline std::set<std::string>& tested_names(const std::string& family) {
    static std::map<std::string, std::set<std::string>> names;
    return names[family];
}

/// A parameter, or a state, of a network: `kernel`, and those of the same name behind it `kernel.1`, `kernel.2`.
struct case_value {
    std::string name;
    std::vector<std::size_t> extents;
    std::size_t offset = 0, size = 0;
    bool trained = true;
};

using prediction_function = std::vector<double> (*)(const std::vector<double>& x, const std::vector<double>& values);

/// A network as plain functions over vectors of double; those in float may be missing.
struct case_network {
    std::vector<std::string> class_names;
    std::vector<std::size_t> input, output;
    std::size_t value_count = 0, parameter_count = 0;
    std::vector<case_value> values;
    batch_output (*run)(const batch_input&) = nullptr;
    prediction_function predict = nullptr;
    batch_output (*run_float)(const batch_input&) = nullptr;
    prediction_function predict_float = nullptr, predict_one_by_one = nullptr;
};

/// Adds a parameter to the network's values.
void add_value(case_network& network, const parameter& p, std::size_t offset, bool trained);

/// Compares a network with a case, to 1e-10 in double and to 1e-5 in float.
void compare(const case_network& network, const keras_case& expected);

/// The numbers and the prediction of a network in cells of V: what predict_packs asks of it, which is compiled once.
template <class V> struct case_prediction {
    std::size_t inputs, outputs, cells;
    const V* (*run)(V* cells, const scalar_t<V>* values);
};

template <class V>
STRATA_OUT_OF_LINE std::vector<double> predict_packs(const case_prediction<V>& network, const std::vector<double>& x,
                                                     const std::vector<double>& values) {
    using T = scalar_t<V>;
    const std::size_t samples = x.size() / network.inputs;
    aligned_vector<T> arena(values.begin(), values.end());
    arena.resize(arena.size() + lanes<V>);
    std::vector<double> y(samples * network.outputs);
    for (std::size_t first = 0; first < samples; first += lanes<V>) {
        const std::size_t count = std::min(lanes<V>, samples - first);
        auto cells = unwritten_cells<V>(network.cells);
        for (std::size_t n = 0; n < lanes<V>; ++n) {
            for (std::size_t i = 0; i < network.inputs; ++i)
                as_lanes(cells.data())[i * lanes<V> + n] = T(x[(first + std::min(n, count - 1)) * network.inputs + i]);
        }
        const V* const out = network.run(cells.data(), arena.data());
        for (std::size_t n = 0; n < count; ++n) {
            for (std::size_t i = 0; i < network.outputs; ++i)
                y[(first + n) * network.outputs + i] = double(as_lanes(out)[i * lanes<V> + n]);
        }
    }
    return y;
}

/// Predicts the samples in packs.
template <class Network, class V>
std::vector<double> predict_packs(const std::vector<double>& x, const std::vector<double>& values) {
    return predict_packs<V>({Network::input::size, Network::output::size, Network::template inference_cells<V>,
                             network_pass<Network, V>::template predict<>},
                            x, values);
}

/// Predicts the samples one by one, each with the lanes of V over its cells.
template <class Network, class V>
std::vector<double> predict_one_by_one(const std::vector<double>& x, const std::vector<double>& values) {
    using T = scalar_t<V>;
    using pass = one_sample_pass<typename Network::written, V>;
    aligned_vector<T> arena(values.begin(), values.end());
    arena.resize(arena.size() + lanes<V>);
    std::vector<double> y;
    for (auto sample = x.begin(); sample != x.end(); sample += Network::input::size) {
        auto cells = unwritten_cells<T>(pass::cells);
        std::transform(sample, sample + Network::input::size, cells.begin(), [](double value) { return T(value); });
        const T* output = pass::run(cells.data(), arena.data());
        y.insert(y.end(), output, output + Network::output::size);
    }
    return y;
}

/// A network in double alone. The class that Keras computed is that of one of its layers.
template <class In, class... Layers> case_network in_double() {
    using network = strata::authoring::network<typename In::output, Layers...>;
    const auto extents = [](const auto& list) { return std::vector<std::size_t>(list.begin(), list.end()); };
    case_network result{.class_names = {network::class_names.begin(), network::class_names.end()},
                        .input = extents(network::input::extents),
                        .output = extents(network::output::extents),
                        .value_count = network::value_count,
                        .parameter_count = network::parameter_count,
                        .values = {},
                        .run = run_batch<network, double>,
                        .predict = predict_packs<network, double>};
    network::for_each_value([&](std::size_t, const parameter& p, std::size_t offset, bool trained) {
        add_value(result, p, offset, trained);
    });
    return result;
}

/// A network in double, and lane by lane and one by one in float.
template <class In, class... Layers> case_network in_both() {
    using network = strata::authoring::network<typename In::output, Layers...>;
    case_network result = in_double<In, Layers...>();
    result.run_float = run_batch<network, pack<float>>;
    result.predict_float = predict_packs<network, pack<float>>;
    result.predict_one_by_one = predict_one_by_one<network, pack<float>>;
    return result;
}

/// The cases of a family that one test file compares, by name. Two of a layer are compared in float, too:
/// `{"00_400_u120_tanh", in_both<Input<400>, Dense<120, Tanh>>}, {"01_...", in_double<...>}`.
class tested_cases {
public:
    using make = case_network (*)();

    tested_cases(std::string family, std::initializer_list<std::pair<const char*, make>> cases)
        : family_{std::move(family)}, cases_{cases} {
        for (const auto& [name, network] : cases_) tested_names(family_).insert(name);
    }

    void run() const {
        for (const auto& [name, network] : cases_) compare(network(), read_case(family_, name));
    }

private:
    std::string family_;
    std::vector<std::pair<const char*, make>> cases_;
};

}  // namespace strata::authoring::test
