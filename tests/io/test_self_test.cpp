#include "strata/io/self_test.hpp"

#include "strata/io/checkpoint.hpp"
#include "support/catch.hpp"
#include "support/files.hpp"

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <vector>

using namespace strata::authoring;
using test::contains;

namespace {

template <std::size_t Size> struct sized {
    static constexpr std::size_t size = Size;
};

/// A model of two weights that can be tested: y_i = activation(w_i (x_0 + 2 x_1)).
template <class T, bool Squares = false, std::size_t Indices = 0, std::size_t Bits = 8 * sizeof(T)>
struct tested_model {
    using value_type = T;
    using input = sized<2>;
    using output = sized<2>;
    static constexpr std::size_t index_count = Indices, bits_of_products = Bits;
    std::vector<T> arena{T(0.5), T(-3)};

    std::span<T> values() { return arena; }
    std::span<const T> values() const { return arena; }
    std::vector<parameter_entry> value_table() const { return {{"dense/kernel", {2}, 0, 2}}; }

    void predict(const float* x, T* y) const {
        for (std::size_t i = 0; i < 2; ++i) {
            y[i] = arena[i] * (static_cast<T>(x[0]) + 2 * static_cast<T>(x[1]));
            if (Squares) y[i] *= y[i];
        }
    }
};

static_assert(testable<tested_model<float>>);

/// What loading says; the model has to be as it was where it says anything.
template <class Model> std::string message_of(const std::filesystem::path& path) {
    Model model;
    model.arena = {7, 8};
    try {
        load_checkpoint(model, path);
    } catch (const file_error& error) {
        CHECK(model.arena == decltype(model.arena){7, 8});
        return error.what();
    }
    CHECK(model.arena != decltype(model.arena){7, 8});
    return "loaded";
}

/// Writes a model's file with these tensors of a self-test.
void write_with(const std::filesystem::path& path, std::vector<float> inputs, std::vector<float> outputs) {
    const std::vector<float> values{0.5F, -3};
    write_safetensors(path, std::vector{view_of<float>("dense/kernel", {2}, values),
                                        view_of<float>("self_test/inputs", {inputs.size()}, inputs),
                                        view_of<float>("self_test/outputs", {outputs.size()}, outputs)});
}

}  // namespace

TEST_CASE("a model's file holds a sample and what the model makes of it") {
    const test::temporary_folder folder;
    const auto path = folder.path() / "model.safetensors";
    save_checkpoint(tested_model<float>(), path);
    const auto file = safetensors_file::read(path);
    CHECK(file.names() == std::vector<std::string>{"dense/kernel", "self_test/inputs", "self_test/outputs"});
    const auto x = file.values<float>("self_test/inputs"), y = file.values<float>("self_test/outputs");
    CHECK((x[0] > 0 && x[0] < 1 && x[1] > 0 && x[1] < 1 && x[0] != x[1]));
    CHECK(y == std::vector{0.5F * (x[0] + 2 * x[1]), -3 * (x[0] + 2 * x[1])});
    CHECK(message_of<tested_model<float>>(path) == "loaded");
    CHECK(message_of<tested_model<double>>(path) == "loaded");

    save_checkpoint(tested_model<float>(), path, {.self_test = false});
    CHECK(safetensors_file::read(path).names() == std::vector<std::string>{"dense/kernel"});
    CHECK(message_of<tested_model<float, true>>(path) == "loaded");
}

TEST_CASE("a network with the same parameters that computes something else is refused") {
    const test::temporary_folder folder;
    const auto path = folder.path() / "model.safetensors";
    save_checkpoint(tested_model<float>(), path);
    CHECK_THAT((message_of<tested_model<float, true>>(path)),
               contains("model.safetensors: the self-test of this file fails: output 0 should be ") &&
                   contains("written by tested_model<float"));
}

TEST_CASE("a self-test allows for rounding, by the precision") {
    const test::temporary_folder folder;
    const auto path = folder.path() / "model.safetensors";
    write_with(path, {1, 1}, {1.5F, -9.008F});
    CHECK(message_of<tested_model<float>>(path) == "loaded");
    write_with(path, {1, 1}, {1.5F, -9.01F});
    CHECK_THAT(message_of<tested_model<float>>(path), contains("output 1 should be -9.01"));
    CHECK((message_of<tested_model<float, false, 0, 16>>(path)) == "loaded");

    save_checkpoint(tested_model<double>(), path);
    auto file = safetensors_file::read(path);
    const auto x = file.values<float>("self_test/inputs");
    auto y = file.values<double>("self_test/outputs");
    y[0] *= 1 + 1e-7;
    const std::vector values{0.5, -3.0};
    write_safetensors(
        path, std::vector{view_of<double>("dense/kernel", {2}, values), view_of<float>("self_test/inputs", {2}, x),
                          view_of<double>("self_test/outputs", {2}, y)});
    CHECK_THAT(message_of<tested_model<double>>(path), contains("output 0"));
    CHECK(message_of<tested_model<float>>(path) == "loaded");
}

TEST_CASE("outputs that are not finite are compared, too") {
    const test::temporary_folder folder;
    const auto path = folder.path() / "model.safetensors";
    const float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
    write_with(path, {infinity, 1}, {infinity, -infinity});
    CHECK(message_of<tested_model<float>>(path) == "loaded");
    write_with(path, {infinity, 1}, {infinity, infinity});
    CHECK_THAT(message_of<tested_model<float>>(path), contains("output 1"));
    write_with(path, {nan, 1}, {nan, nan});
    CHECK(message_of<tested_model<float>>(path) == "loaded");
    write_with(path, {nan, 1}, {nan, 2});
    CHECK_THAT(message_of<tested_model<float>>(path), contains("output 1 should be 2"));
    write_with(path, {1, 1}, {nan, -9});
    CHECK_THAT(message_of<tested_model<float>>(path), contains("output 0 should be nan"));
}

TEST_CASE("a self-test that does not fit is refused") {
    const test::temporary_folder folder;
    const auto path = folder.path() / "model.safetensors";
    write_with(path, {1, 1, 1}, {1.5F, -9});
    CHECK_THAT(message_of<tested_model<float>>(path), contains("its self_test/inputs have the shape (3,)"));
    write_with(path, {1, 1}, {1.5F});
    CHECK_THAT(message_of<tested_model<float>>(path), contains("its self_test/outputs have the shape (1,)"));
    write_with(path, {1, 5}, {5.5F, -33});
    CHECK_THAT((message_of<tested_model<float, false, 5>>(path)),
               contains("hold 5.0, which is none of the 5 indices of the Embedding"));
    CHECK((message_of<tested_model<float, false, 6>>(path)) == "loaded");
    const std::vector<float> values{0.5F, -3};
    write_safetensors(path, std::vector{view_of<float>("dense/kernel", {2}, values),
                                        view_of<float>("self_test/outputs", {2}, values)});
    CHECK_THAT(message_of<tested_model<float>>(path), contains("\"self_test/inputs\" expected, not there"));
}

TEST_CASE("the sample for a network that begins with an Embedding holds indices") {
    const auto sample = detail::self_test_sample(1000, 5);
    std::vector<std::size_t> counts(5);
    for (const float value : sample) ++counts.at(static_cast<std::size_t>(value));
    for (const std::size_t count : counts) CHECK(count > 150);
    CHECK(sample[0] == std::floor(sample[0]));
}
