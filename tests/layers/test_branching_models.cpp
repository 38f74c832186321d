#include "strata/layers/composites.hpp"
#include "strata/layers/merging.hpp"

#include "strata/io/checkpoint.hpp"
#include "support/catch.hpp"
#include "support/files.hpp"
#include "support/small_models.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

using namespace strata::authoring;
using test::contains;

namespace {

/// Every way to branch, with frozen layers inside and outside.
using Branching =
    Sequential<Input<6, 6, 1>, Conv2D<4, Same>, Residual<Conv2D<4, Same, Tanh>, Frozen<Conv2D<4, Same>>>,
               Residual<Conv2D<3, Strides<2>, Same>, Shortcut<Conv2D<3, Kernel<1>, Strides<2>, Same, NoBias>>>,
               Concatenate<Branch<>, Branch<MaxPooling2D<Same, Strides<1>>>>, Flatten,
               Average<Branch<Dense<8, Tanh>>, Branch<Frozen<Dense<8>>, ReLU>>, Dense<3, Softmax>>;
constexpr std::size_t frozen_values = (3 * 3 * 4 * 4 + 4) + (54 * 8 + 8);
static_assert(Branching::state_count == frozen_values);
static_assert(Branching::parameter_count == 40 + 148 + (3 * 3 * 4 * 3 + 3) + 12 + (54 * 8 + 8) + 27);

template <class Model> std::vector<float> values_of(const Model& model) {
    return {model.values().begin(), model.values().end()};
}

}  // namespace

TEST_CASE("layers of a branching model have Keras' names") {
    std::vector<std::string> rows, values;
    for (const auto& row : Branching{}.summary_rows()) rows.push_back(row.name);
    for (const auto& entry : Branching{}.value_table()) values.push_back(entry.name);
    CHECK(rows == std::vector<std::string>{"conv2d", "conv2d_1", "conv2d_2", "add", "conv2d_3", "conv2d_4", "add_1",
                                           "max_pooling2d", "concatenate", "flatten", "dense", "dense_1", "re_lu",
                                           "average", "dense_2"});
    CHECK(values == std::vector<std::string>{"conv2d/kernel", "conv2d/bias", "conv2d_1/kernel", "conv2d_1/bias",
                                             "conv2d_2/kernel", "conv2d_2/bias", "conv2d_3/kernel", "conv2d_3/bias",
                                             "conv2d_4/kernel", "dense/kernel", "dense/bias", "dense_1/kernel",
                                             "dense_1/bias", "dense_2/kernel", "dense_2/bias"});
    const auto table = Branching{}.summary_rows();
    CHECK(table[8].output == std::vector<std::size_t>{3, 3, 6});
    CHECK(table[2].parameters == 148);
    CHECK(table[3].parameters == 0);
    CHECK(table[0].inputs == std::vector<std::size_t>{0});
    CHECK(table[3].inputs == std::vector<std::size_t>{3, 1});  // what a Residual adds
    CHECK(table[14].inputs == std::vector<std::size_t>{14});
}

TEST_CASE("what is frozen counts as non-trainable") {
    std::FILE* const file = std::tmpfile();
    Branching{}.summary(file);
    std::rewind(file);
    std::string text(1 << 14, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file));
    std::fclose(file);
    CHECK_THAT(text, contains(" Total params: 1,366 "));
    CHECK_THAT(text, contains(" Trainable params: 778 "));
    CHECK_THAT(text, contains(" Non-trainable params: 588 "));
    std::size_t size = 0;
    for (const auto& entry : Branching{}.value_table()) size += entry.trained ? 0 : entry.size;
    CHECK(size == frozen_values);
}

TEST_CASE("fit trains every parameter of a branching model but those that are frozen") {
    const auto data = test::make_images(100);
    Branching model(1);
    const auto before = values_of(model);
    auto training = compile(model, Adam{.learning_rate = 0.005}, SparseCategoricalCrossentropy{}, Accuracy{});
    const History history = training.fit(data.x, data.y, {.epochs = 8, .verbose = 0});
    CHECK(history["loss"].back() < 0.7 * history["loss"].front());
    for (const auto& entry : model.value_table()) {
        INFO(entry.name);
        const auto values = model.values().subspan(entry.offset, entry.size);
        const bool same = std::equal(values.begin(), values.end(), before.begin() + std::ptrdiff_t(entry.offset));
        CHECK(same != entry.trained);
    }
}

TEST_CASE("a branching model trains to the same bits with any number of threads", "[threads]") {
    const auto data = test::make_images(150);
    const auto train = [&](std::size_t thread_count) {
        set_threads(thread_count);
        Branching model(1);
        compile(model, Adam{}, SparseCategoricalCrossentropy{})
            .fit(data.x, data.y, {.batch_size = 64, .epochs = 2, .verbose = 0});
        set_threads(0);
        return values_of(model);
    };
    const auto expected = train(1);
    for (const std::size_t thread_count : {2, 3}) CHECK((train(thread_count) == expected));
}

TEST_CASE("a branching model is saved and loaded, and predicts one row as it does many") {
    const test::temporary_folder folder;
    const auto path = folder.path() / "branching.safetensors";
    const auto x = test::make_images(20).x;
    const Branching saved(1);
    saved.save(path);
    Branching loaded(2);
    CHECK((loaded.predict(x) != saved.predict(x)));
    loaded.load(path);
    CHECK((values_of(loaded) == values_of(saved)));
    const auto all = saved.predict(x);
    CHECK((loaded.predict(x) == all));
    tensor<float, 4> row(std::array<std::size_t, 4>{1, 6, 6, 1});
    std::copy_n(x.begin(), 36, row.begin());
    const auto one = saved.predict(row);
    for (std::size_t i = 0; i < 3; ++i) CHECK(std::abs(one(0, i) - all(0, i)) < 1e-6f);
}
