/// Which digit is it? A ConvNet with BatchNormalization and Dropout learns from few images, which are moved at random;
/// the weights of the best epoch are kept, and a page shows what became of them.
///     digits [SEED [REPORT.html]]     run where data/ is

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <strata/callbacks.hpp>
#include <strata/data.hpp>
#include <strata/strata.hpp>

using namespace strata;

// clang-format off
using Net = Sequential<Input<8, 8, 1>,
    Conv2D<16, Same, NoBias>, BatchNormalization<>, ReLU, MaxPooling2D<>,
    Conv2D<32, Same, NoBias>, BatchNormalization<>, ReLU, MaxPooling2D<>,
    Flatten, Dropout<0.3>, Dense<10, Softmax>>;
// clang-format on

int main(int argc, char** argv) try {
    const std::size_t seed = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1;

    const NpzFile digits = load_npz("data/digits/digits.npz");
    const Tensor<float, 4> images = digits.array<float>("images") / 16;
    const auto labels = digits.array<int>("labels");
    // The last 360 are to test with; the file is in an order that was drawn.
    const auto [x, x_test, y, y_test] = train_test_split(images, labels, {.test_size = 360, .shuffle = false});

    Net model(seed);
    auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{});
    const RandomTranslation move{.height_factor = 0.1, .width_factor = 0.1, .fill_mode = FillMode::constant};
    const History history =
        training.fit(augmented(x, move), y, {.epochs = 60, .validation_split = 0.2, .verbose = 0, .seed = seed},
                     EarlyStopping{.patience = 10, .restore_best_weights = true});
    if (argc > 2) write_html_report(argv[2], model, history, {.title = "Digits", .data = {x_test, y_test}});

    const auto [loss, accuracy] = training.evaluate(x_test, y_test, {.verbose = 0});
    std::printf("loss %.4f accuracy %.4f\n", loss, accuracy);
    return accuracy > 0.95 ? 0 : 1;
} catch (const std::exception& error) {
    std::fprintf(stderr, "digits: %s\n", error.what());
    return 1;
}
