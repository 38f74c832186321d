#include "strata/io/checkpoint.hpp"

#include "support/catch.hpp"
#include "support/files.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

using namespace strata::authoring;
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
    save_checkpoint(saved, path, {.metadata = {{"epoch", "5"}}});
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
    expect_refusal("conv2d/kernel   F64, F32, F16 or BF16   I64");
    const std::vector<std::byte> bytes(6);
    tensor_view tensor{"conv2d/kernel", dtype::f8_e4m3, {2, 1, 3}, bytes};
    write_safetensors(path, std::vector{tensor});
    expect_refusal("conv2d/kernel   F64, F32, F16 or BF16   F8_E4M3, which is not supported");
}

namespace {

/// A model with one value for each of these names, the first one `first`.
toy_model<float> model_of(const std::vector<std::string>& names, float first) {
    toy_model<float> model;
    model.table.clear();
    model.arena.clear();
    for (const std::string& name : names) {
        model.table.push_back({name, {}, model.table.size(), 1});
        model.arena.push_back(first++);
    }
    return model;
}

}  // namespace

TEST_CASE("layers that a session has numbered from another number on are loaded in order, which is said") {
    const test::temporary_folder folder;
    const auto path = folder.path() / "second.safetensors";
    struct row {
        std::vector<std::string> model;
        std::vector<std::string> file;
        const char* note;
    };
    const std::vector<row> rows{
        {{"conv2d/kernel", "conv2d/bias", "conv2d_1/kernel", "conv2d_1/bias", "dense/kernel"},
         {"conv2d_3/kernel", "conv2d_3/bias", "conv2d_4/kernel", "conv2d_4/bias", "dense_2/kernel"},
         R"("conv2d_3" as conv2d, "conv2d_4" as conv2d_1, "dense_2" as dense)"},
        // The same name for another layer, numbers that do not sort as texts, one that is left out.
        {{"dense/kernel", "dense_1/kernel", "dense_2/kernel"},
         {"dense_1/kernel", "dense_9/kernel", "dense_10/kernel"},
         R"("dense_1" as dense, "dense_9" as dense_1, "dense_10" as dense_2)"},
        {{"dense/kernel", "dense/bias"}, {"sequential_1/dense_5/kernel:0", "sequential_1/dense_5/bias:0"}, "dense_5"},
        {{"lstm/kernel", "lstm/bias"}, {"lstm_1/lstm_cell/kernel", "lstm_1/lstm_cell/bias"}, R"("lstm_1" as lstm)"},
    };
    for (const row& numbered : rows) {
        INFO(numbered.note);
        save_checkpoint(model_of(numbered.file, 1), path);
        toy_model<float> model = model_of(numbered.model, 100);
        const std::string note = load_checkpoint(model, path);
        CHECK_THAT(note, contains(path.string() + ": ") && contains("loaded in order") && contains(numbered.note));
        CHECK(model.arena == model_of(numbered.file, 1).arena);
    }
    // A file sorts its tensors as it likes.
    save_checkpoint(model_of({"dense_9/kernel", "dense_10/kernel", "dense_8/kernel"}, 1), path);
    toy_model<float> model = model_of({"dense/kernel", "dense_1/kernel", "dense_2/kernel"}, 100);
    CHECK_FALSE(load_checkpoint(model, path).empty());
    CHECK(model.arena == std::vector<float>{3, 1, 2});
    save_checkpoint(model, path);
    CHECK(load_checkpoint(model, path).empty());
}

TEST_CASE("layers of other numbers that do not fit one by one are differences") {
    const test::temporary_folder folder;
    const auto path = folder.path() / "other.safetensors";
    const std::vector<std::string> names{"dense/kernel", "dense/bias", "dense_1/kernel"};
    for (const std::vector<std::string>& other :
         {std::vector<std::string>{"dense_2/kernel", "dense_2/bias"},              // too few
          {"dense_2/kernel", "dense_2/bias", "dense_3/kernel", "dense_4/kernel"},  // too many
          {"dense_2/kernel", "dense_3/bias", "dense_3/kernel"},                    // split differently
          {"dense_2/kernel", "dense_2/gamma", "dense_3/kernel"},                   // another parameter
          {"dense_2/kernel", "dense_2/bias", "conv2d/kernel"},                     // another class
          {"dense_2/kernel", "dense_2/bias", "dense_03/kernel"},                   // not a tool's number
          {"a/dense_2/kernel", "a/dense_2/bias", "b/dense_2/kernel"},              // two of one name
          {"hidden/kernel", "hidden/bias", "output/kernel"}}) {                    // a person's names
        INFO(other.back());
        save_checkpoint(model_of(other, 1), path);
        toy_model<float> model = model_of(names, 100);
        CHECK_THROWS_WITH(load_checkpoint(model, path), contains("not the parameters of this network"));
        CHECK(model.arena == model_of(names, 100).arena);
    }
    // The kernels of an attention, whose names differ in the folder before the last.
    save_checkpoint(model_of({"attention_1/query/kernel", "attention_1/key/kernel"}, 1), path);
    toy_model<float> attention = model_of({"attention/query/kernel", "attention/key/kernel"}, 100);
    CHECK_THROWS_WITH(load_checkpoint(attention, path), contains("not the parameters of this network"));

    // Whole numbers, which are refused under the model's own names, too.
    const std::vector<std::int32_t> whole{7};
    write_safetensors(path, std::vector{view_of("dense_2/kernel", {}, std::span(whole))});
    toy_model<float> dense = model_of({"dense/kernel"}, 100);
    CHECK_THROWS_WITH(load_checkpoint(dense, path), contains("not the parameters of this network"));

    toy_model<float> file = model_of({"dense_2/kernel", "dense_2/bias", "dense_3/kernel"}, 1);
    file.table[2].shape = {1};
    save_checkpoint(file, path);
    toy_model<float> model = model_of(names, 100);
    CHECK_THROWS_WITH(load_checkpoint(model, path), contains("not the parameters of this network"));
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
