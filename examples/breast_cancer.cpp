/// Is a tumour malignant? A table from a CSV file, two classes of unequal size, and training that ends by itself.
///     breast_cancer [SEED]     run where data/ is

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <strata/callbacks.hpp>
#include <strata/data.hpp>
#include <strata/strata.hpp>

using namespace strata;

int main(int argc, char** argv) try {
    const std::size_t seed = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1;

    const CsvTable train = read_csv("data/breast_cancer/train.csv"), test = read_csv("data/breast_cancer/test.csv");
    const auto columns = train.columns_except({"diagnosis"});
    const auto x = train.numbers<float>(columns), x_test = test.numbers<float>(columns);
    const auto [y, names] = train.classes("diagnosis");  // 0 is "benign", 1 "malignant"
    const auto y_test = test.classes("diagnosis", names);
    const Standardizer scaler(x);

    Sequential<Input<30>, Dense<16, ReLU>, Dense<1, Sigmoid>> model(seed);
    auto training =
        compile(model, Adam{.learning_rate = 0.005}, BinaryCrossentropy{}, Accuracy{}, AUC{}, Precision{}, Recall{});

    EarlyStopping stop{.patience = 10, .restore_best_weights = true};
    training.fit(
        scaler.transform(x), y,
        {.epochs = 100, .validation_split = 0.2, .class_weight = {{0, 1.0}, {1, 1.7}}, .verbose = 0, .seed = seed},
        stop);
    const auto [loss, accuracy, auc, precision, recall] =
        training.evaluate(scaler.transform(x_test), y_test, {.verbose = 0});
    std::printf("loss %.4f accuracy %.4f auc %.4f precision %.4f recall %.4f\n", loss, accuracy, auc, precision,
                recall);
    return auc > 0.95 ? 0 : 1;
} catch (const std::exception& error) {
    std::fprintf(stderr, "breast_cancer: %s\n", error.what());
    return 1;
}
