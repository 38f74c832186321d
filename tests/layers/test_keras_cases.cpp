#include "layers/layer_case.hpp"
#include "support/catch.hpp"
#include "support/float_traps.hpp"
#include "support/keras_vectors.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

namespace strata::authoring::test {

keras_case read_case(const std::string& family, const std::string& name) {
    const keras_vectors vectors(family);
    const auto& description = vectors.description(name);
    keras_case result{
        name, description.at("class").get<std::string>(), description.dump(), description.value("training", true), {}};
    for (const std::string& tensor : vectors.file().names()) {
        if (tensor.compare(0, name.size() + 1, name + "/") != 0) continue;
        auto [values, extents] = vectors.tensor(tensor);
        result.tensors[tensor.substr(name.size() + 1)] = {std::move(values), std::move(extents)};
    }
    return result;
}

namespace {

std::vector<double> part(const std::vector<double>& values, const case_value& value) {
    const auto begin = values.begin() + std::ptrdiff_t(value.offset);
    return {begin, begin + std::ptrdiff_t(value.size)};
}

/// Compares gradients with those that Keras computed. Where these are zero but for rounding, as that of a bias of all
/// keys, to which a softmax is blind, ours have to be that, too: of a relative error nothing can be asked.
double gradient_error(const std::vector<double>& found, const std::vector<double>& expected) {
    const auto largest = [](const std::vector<double>& values) {
        double most = 0;
        for (const double value : values) most = std::max(most, std::abs(value));
        return most;
    };
    return largest(expected) < 1e-14 ? largest(found) : relative_error(found, expected);
}

void compare_passes(const case_network& network, const keras_case& expected, const batch_input& in,
                    const batch_output& found, double tolerance) {
    const auto tensor = [&](const std::string& name) { return expected.tensors.at(name).values; };
    CHECK(relative_error(found.y, tensor("y")) < tolerance);
    if (expected.tensors.count("dx") > 0) CHECK(relative_error(found.dx, tensor("dx")) < tolerance);
    for (const case_value& value : network.values) {
        INFO(value.name);
        if (value.trained)
            CHECK(gradient_error(part(found.gradients, value), tensor("d_" + value.name)) < tolerance);
        else
            CHECK(relative_error(part(found.values, value), tensor(value.name + "_after")) < tolerance);
    }
    CHECK(std::equal(in.values.begin(), in.values.begin() + std::ptrdiff_t(network.parameter_count),
                     found.values.begin(),
                     [&](double a, double b) { return std::abs(a - b) <= tolerance * std::abs(a); }));
}

/// So many samples, those that are there over and over again.
batch_input repeated(const batch_input& in, std::size_t samples, const case_network& network) {
    const auto repeat = [&](const std::vector<double>& values, const std::vector<std::size_t>& extents) {
        std::size_t size = samples;
        for (const std::size_t extent : extents) size *= extent;
        std::vector<double> all(size);
        for (std::size_t i = 0; i < size; ++i) all[i] = values[i % values.size()];
        return all;
    };
    batch_input result = in;
    result.x = repeat(in.x, network.input);
    result.dy = repeat(in.dy, network.output);
    return result;
}

/// Ordinary numbers do nothing invalid anywhere, idle lanes included, in any number of samples; nor do they divide by
/// zero or overflow. SIGFPE would end the test here.
void run_with_traps(const case_network& network, const batch_input& in) {
    for (const double left_over : {0.0, 1000.0}) {
        unwritten = left_over;
        for (const std::size_t samples : {std::size_t{1}, std::size_t{2}, lanes<pack<float>> + 1}) {
            const batch_input some = repeated(in, samples, network);
            const float_traps traps;
            network.run(some);
            network.predict(some.x, some.values);
            if (network.run_float == nullptr) continue;
            network.run_float(some);
            network.predict_float(some.x, some.values);
            network.predict_one_by_one(some.x, some.values);
        }
    }
    unwritten = NAN;
}

std::vector<std::size_t> with_batch(std::size_t samples, const std::vector<std::size_t>& extents) {
    std::vector<std::size_t> all{samples};
    all.insert(all.end(), extents.begin(), extents.end());
    return all;
}

}  // namespace

void add_value(case_network& network, const parameter& p, std::size_t offset, bool trained) {
    std::string name(p.name);
    const auto same = std::count_if(network.values.begin(), network.values.end(), [&](const case_value& value) {
        return value.name.compare(0, value.name.find('.'), p.name) == 0;
    });
    if (same > 0) name += '.' + std::to_string(same);
    network.values.push_back({name, {p.shape().begin(), p.shape().end()}, offset, p.size(), trained});
}

void compare(const case_network& network, const keras_case& expected) {
    INFO(expected.name << ": " << expected.description);
    const case_tensor &x = expected.tensors.at("x"), &y = expected.tensors.at("y");
    REQUIRE(x.extents == with_batch(x.extents[0], network.input));
    REQUIRE(y.extents == with_batch(x.extents[0], network.output));
    const auto& classes = network.class_names;
    CHECK((std::find(classes.begin(), classes.end(), expected.keras_class) != classes.end() ||
           expected.keras_class == "Activation"));
    batch_input in{.x = x.values,
                   .dy = expected.tensors.at("dy").values,
                   .values = std::vector<double>(network.value_count),
                   .training = expected.training};
    for (const case_value& value : network.values) {
        const case_tensor& start = expected.tensors.at(value.name);
        CHECK(start.extents == value.extents);
        REQUIRE(start.values.size() == value.size);
        std::copy(start.values.begin(), start.values.end(), in.values.begin() + std::ptrdiff_t(value.offset));
    }
    // While training, a layer with a state predicts something else.
    const bool predicts = !expected.training || network.value_count == network.parameter_count;
    {
        INFO("in double");
        compare_passes(network, expected, in, network.run(in), 1e-10);
        if (predicts) CHECK(relative_error(network.predict(in.x, in.values), y.values) < 1e-10);
    }
    if (network.run_float != nullptr) {
        INFO("in float");
        compare_passes(network, expected, in, network.run_float(in), 1e-5);
        if (predicts) CHECK(relative_error(network.predict_float(in.x, in.values), y.values) < 1e-5);
        if (predicts) CHECK(relative_error(network.predict_one_by_one(in.x, in.values), y.values) < 1e-5);
    }
    run_with_traps(network, in);
}

namespace {

void check_all_tested(const std::string& family) {
    INFO(family);
    const auto names = keras_vectors(family).cases();
    CHECK(tested_names(family) == std::set<std::string>(names.begin(), names.end()));
}

}  // namespace
}  // namespace strata::authoring::test

using namespace strata::authoring::test;

TEST_CASE("every case that Keras computed is compared") {
    for (const char* family : {"conv2d", "pooling2d", "dense", "activations", "normalization", "convolution_family",
                               "convolution_transpose", "recurrent", "attention", "masks"})
        check_all_tested(family);
}

TEST_CASE("a wrong result does not pass for what Keras computed") {
    const std::vector<double> expected{1, -4, 0};
    CHECK(relative_error(expected, expected) == 0);
    CHECK(relative_error(std::vector<double>{1, -4, 4e-9}, expected) == Approx(1e-9));
    CHECK(relative_error(std::vector<double>{1, -4}, expected) == INFINITY);
    CHECK(relative_error(std::vector<double>{1, NAN, 0}, expected) == INFINITY);
    CHECK(relative_error(std::vector<double>{NAN, 0, 0}, expected) == INFINITY);
}
