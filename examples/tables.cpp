/// The snippets of docs/tables.md, in their order: a small table is written, read, and learned from.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <strata/data.hpp>
#include <strata/strata.hpp>
#include <string>

using namespace strata;

/// A table of made-up wines. Reds have more alcohol; one value is missing.
void write_wines(const char* path) {
    std::ofstream file(path);
    file << "alcohol,ash,\"colour, in words\",kind\n";
    random_stream random(1, 0);
    for (int i = 0; i < 200; ++i) {
        const bool red = i % 2 == 0;
        const auto alcohol = std::to_string(13 + (red ? 0.5 : -0.5) + random.normal() / 4);
        file << (i == 7 ? "NA" : alcohol) << ',' << random.uniform() << ",\"dark, or not\"," << (red ? "red" : "white")
             << '\n';
    }
}

int main() try {
    write_wines("wine.csv");

    const CsvTable table = read_csv("wine.csv", {.missing = {"", "NA", "?"}, .missing_as_nan = true});
    auto x = table.numbers<float>({"alcohol", "ash"});  // Tensor<float, 2> of shape (200, 2)
    const auto [y, kinds] = table.classes("kind");      // class numbers (200); kinds[0] is "red", kinds[1] "white"
    for (float& value : x)
        if (value != value) value = 13;  // what was missing

    const auto [x_train, x_test, y_train, y_test] = train_test_split(x, y, {.test_size = 0.2, .stratify = true});
    const Standardizer standardizer(x_train);  // mean and deviation of each column, of the data to train with alone
    const auto inputs = standardizer.transform(x_train);

    Sequential<Input<2>, Dense<8, Tanh>, Dense<2, Softmax>> model;
    auto training = compile(model, Adam{.learning_rate = 0.02}, SparseCategoricalCrossentropy{}, Accuracy{});
    training.fit(inputs, y_train, {.epochs = 20, .verbose = 0});
    const auto [loss, accuracy] = training.evaluate(standardizer.transform(x_test), y_test, {.verbose = 0});

    const Tensor<float, 2> targets = one_hot(y_train, kinds.size());  // (160, 2), for CategoricalCrossentropy
    std::printf("%zu rows, %zu with targets; test loss %.3f, accuracy %.3f\n", table.rows(), targets.shape(0), loss,
                accuracy);
} catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
