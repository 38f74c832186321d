#include "strata/io/checkpoint.hpp"

#include "support/catch.hpp"
#include "support/files.hpp"

#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <vector>

using namespace strata;
using test::contains;

namespace {

/// The least that save_checkpoint and load_checkpoint ask of a model.
template <class T> struct toy_model {
    std::vector<parameter_entry> table{
        {"conv2d/kernel", {2, 1, 3}, 0, 6}, {"conv2d/bias", {3}, 6, 3}, {"dense/scale", {}, 9, 1}};
    std::vector<T> arena{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};

    std::span<T> values() { return arena; }
    [[nodiscard]] std::span<const T> values() const { return arena; }
    [[nodiscard]] const std::vector<parameter_entry>& value_table() const { return table; }
};

template <class T> toy_model<T> with_values(T first) {
    toy_model<T> model;
    for (T& value : model.arena) value = first++;
    return model;
}

std::string message_of(toy_model<float>& model, const std::filesystem::path& path) {
    try {
        load_checkpoint(model, path);
    } catch (const file_error& error) {
        return error.what();
    }
    return "nothing was thrown";
}

}  // namespace

static_assert(has_value_table<toy_model<float>>);
static_assert(has_value_table<toy_model<double>>);
static_assert(!has_value_table<toy_model<int>>);
static_assert(!has_value_table<std::vector<float>>);

TEMPLATE_TEST_CASE("a saved model is loaded bit for bit", "", float, double) {
    const test::temporary_folder folder;
    const auto path = folder.path() / "model.safetensors";
    toy_model<TestType> saved = with_values<TestType>(TestType(1) / 3);
    saved.arena[4] = -std::numeric_limits<TestType>::denorm_min();
    saved.arena[5] = std::numeric_limits<TestType>::max();
    save_checkpoint(saved, path, {{"epoch", "5"}});
    toy_model<TestType> loaded;
    load_checkpoint(loaded, path);
    CHECK(loaded.arena == saved.arena);
    const safetensors_file file = safetensors_file::read(path);
    CHECK(file.names() == std::vector<std::string>{"conv2d/kernel", "conv2d/bias", "dense/scale"});
    CHECK(file.at("conv2d/kernel").extents == std::vector<std::size_t>{2, 1, 3});
    CHECK(file.metadata().at("epoch") == "5");
}

TEST_CASE("float and double files load into double and float models") {
    const test::temporary_folder folder;
    const auto path = folder.path() / "model.safetensors";
    save_checkpoint(with_values<float>(0.1F), path);
    toy_model<double> wide;
    load_checkpoint(wide, path);
    CHECK(wide.arena[0] == static_cast<double>(0.1F));
    save_checkpoint(with_values<double>(0.1), path);
    toy_model<float> narrow;
    load_checkpoint(narrow, path);
    CHECK(narrow.arena[0] == 0.1F);
}

TEST_CASE("a file of another network is refused with a table, and the model stays as it was") {
    const test::temporary_folder folder;
    const auto path = folder.path() / "other.safetensors";
    toy_model<float> other;
    other.table = {{"conv2d/kernel", {3, 2}, 0, 6}, {"dense/scale", {}, 6, 1}, {"dense/kernel", {3}, 7, 3}};
    save_checkpoint(other, path);
    toy_model<float> model = with_values(100.0F);
    CHECK(message_of(model, path) ==
          path.string() +
              ": not the parameters of this network, 3 differences (load it into the network that wrote it; the model "
              "is as it was):\n"
              "  parameter       expected    found\n"
              "  conv2d/kernel   (2, 1, 3)   (3, 2)\n"
              "  conv2d/bias     (3,)        missing\n"
              "  dense/kernel    nothing     (3,)");
    CHECK(model.arena == with_values(100.0F).arena);
}

TEST_CASE("a name too much is a difference too, and long tables are cut") {
    const test::temporary_folder folder;
    const auto path = folder.path() / "other.safetensors";
    toy_model<float> other;
    for (std::size_t i = 0; i < 50; ++i) other.table.push_back({"extra/" + std::to_string(i), {}, 0, 1});
    save_checkpoint(other, path);
    toy_model<float> model;
    CHECK_THAT(message_of(model, path), contains("50 differences") && contains("extra/39") && contains("and 10 more"));
    CHECK_THAT(message_of(model, path), !contains("extra/40"));
}

TEST_CASE("load_checkpoint leaves the model as it was after any error") {
    const test::temporary_folder folder;
    const auto path = folder.path() / "model.safetensors";
    toy_model<double> wide;
    const auto expect_refusal = [&](const std::string& part, const read_options& options = {}) {
        toy_model<float> model = with_values(100.0F);
        CHECK_THROWS_AS(load_checkpoint(model, path, options), file_error);
        CHECK_THROWS_WITH(load_checkpoint(model, path, options), contains(part));
        CHECK(model.arena == with_values(100.0F).arena);
    };
    expect_refusal("model.safetensors: no such file");
    wide.arena[8] = 1e300;
    save_checkpoint(wide, path);
    expect_refusal("model.safetensors: tensor \"conv2d/bias\": element 2[2] of type F64 is no F32");
    wide.arena[8] = std::nan("");
    save_checkpoint(wide, path);
    expect_refusal("tensor \"conv2d/bias\": element 2[2] is NaN or infinite", {.reject_nonfinite = true});
    toy_model<float> model;
    load_checkpoint(model, path);
    CHECK(std::isnan(model.arena[8]));
    const std::string whole = test::contents(path);
    folder.file("model.safetensors", whole.substr(0, whole.size() - 1));
    expect_refusal("tensor \"dense/scale\": ends at byte 80 of the data, file ends after 79 bytes of data");
    const std::vector<std::int64_t> integers(6);
    write_safetensors(path, std::vector{view_of("conv2d/kernel", {2, 1, 3}, std::span(integers))});
    expect_refusal("conv2d/kernel   floating point   I64");
}

TEST_CASE("save_checkpoint that fails leaves the old file whole") {
    const test::temporary_folder folder;
    const auto path = folder.file("model.safetensors", "old");
    toy_model<float> wrong;
    wrong.table[1].offset = 8;
    CHECK_THROWS_AS(save_checkpoint(wrong, path), shape_error);
    CHECK_THROWS_WITH(save_checkpoint(wrong, path),
                      contains("\"conv2d/bias\" of shape (3,) does not lie in the model's arena"));
    CHECK(test::contents(path) == "old");
    CHECK_THROWS_AS(save_checkpoint(toy_model<float>{}, folder.path()), file_error);
}

TEST_CASE("values of the arena that the table does not name are kept") {
    const test::temporary_folder folder;
    const auto path = folder.path() / "model.safetensors";
    toy_model<float> model;
    model.table.pop_back();
    save_checkpoint(model, path);
    model.arena = with_values(100.0F).arena;
    load_checkpoint(model, path);
    CHECK(model.arena[0] == 1);
    CHECK(model.arena[9] == 109);
}
