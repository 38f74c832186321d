/// The snippets of docs/usage.md, in their order: small networks that train on made-up numbers.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <strata/io/checkpoint.hpp>
#include <strata/strata.hpp>
#include <string>
#include <vector>

#if __has_include(<xtensor/containers/xadapt.hpp>)
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/generators/xbuilder.hpp>
#include <xtensor/views/xview.hpp>
#else
#include <xtensor/xadapt.hpp>
#include <xtensor/xbuilder.hpp>
#include <xtensor/xview.hpp>
#endif

using namespace strata;

/// Eight values for each sample, in [-1, 1); its class is how many of the first two are positive.
void make_up(std::vector<float>& values, std::vector<std::int32_t>& classes) {
    random_stream random(1, 0);
    for (float& value : values) value = static_cast<float>(random.symmetric(1));
    for (std::size_t i = 0; i < classes.size(); ++i) classes[i] = (values[i * 8] > 0) + (values[i * 8 + 1] > 0);
}

int main() try {
    const std::size_t N = 300;
    std::vector<float> values(N * 8);
    std::vector<std::int32_t> classes(N);
    make_up(values, classes);  // fills both: the class is how many of the first two values are positive

    const auto x = xt::adapt(values, std::array{N, std::size_t{8}});  // (300, 8), one sample after the other
    const auto y = xt::adapt(classes, std::array{N});                 // (300): class numbers 0, 1, 2

    auto sums = Tensor<float, 2>::from_shape({N, 1});  // strata::Tensor<T, rank> is an xt::xtensor
    for (std::size_t i = 0; i < N; ++i) sums(i, 0) = x(i, 0) + x(i, 1);

    using Net = Sequential<Input<8>, Dense<32, ReLU, KernelInitializer<HeNormal>>, Dense<3, Softmax>>;
    Net model{42};  // the seed of the initial parameters; without it 0: two models of one type start alike

    // clang-format off
    using ConvNet = Sequential<Input<1, 28, 28>, Permute<2, 3, 1>,  // from channels first to 28 x 28 x 1
        Conv2D<16, Same, ReLU>, MaxPooling2D<Pool<3>, Strides<2>>,
        Conv2D<32, Kernel<3, 5>, Strides<2>, NoBias>, GELU,
        GlobalAveragePooling2D<>, Dense<10, Softmax>>;
    using Block = Residual<Conv2D<16, Same, NoBias>, BatchNormalization<>, ReLU, Conv2D<16, Same>>;  // y = layers(x) + x
    using Branching = Sequential<Input<32, 32, 3>, Conv2D<16, Same>, Block, ReLU, Block, ReLU,
        Concatenate<Branch<MaxPooling2D<>>, Branch<Conv2D<8, Strides<2>, Same>>>,  // 16 x 16 x (16 + 8)
        GlobalAveragePooling2D<>, Dropout<0.25>, Dense<10, Softmax>>;
    using Sentences = Sequential<Input<20>, Embedding<1000, 16>, Bidirectional<LSTM<32>>, Dense<2, Softmax>>;
    using Decayed = Sequential<Input<8>, Dense<16, ReLU, KernelRegularizer<L2<1e-4>>, BiasRegularizer<L1<1e-5>>>,
        Dense<3, Softmax, KernelConstraint<MaxNorm<3>>, BiasConstraint<NonNeg>>>;
    // clang-format on
    std::printf("%zu, %zu, %zu, %zu and %zu parameters\n", Net::parameter_count, ConvNet::parameter_count,
                Branching::parameter_count, Sentences::parameter_count, Decayed::parameter_count);

    struct SmallNormal {
        static double draw(random_stream& random, fans) { return 0.01 * random.normal(); }
    };
    using Regressor = Sequential<Input<8>, Dense<16, Tanh, KernelInitializer<SmallNormal>>, Dense<1>>;

    auto training = compile(model, Adam{.learning_rate = 1e-2}, SparseCategoricalCrossentropy{}, Accuracy{});
    training.fit(x, y, {.batch_size = 16, .epochs = 3});
    training.optimizer.learning_rate = 1e-3;  // from the next step on
    training.fit(x, y);                       // one more epoch: the optimizer's state is kept

    Regressor regressor;
    auto regression = compile(regressor, RMSprop{.momentum = 0.5}, MeanSquaredError{});
    regression.fit(x, sums, {.epochs = 20, .verbose = 0});

    regression.optimizer.learning_rate = CosineDecay{.initial_learning_rate = 1e-3, .decay_steps = 200};
    regression.optimizer.learning_rate = [](std::uint64_t step) { return step < 100 ? 1e-3 : 1e-4; };  // of one's own
    const double rate_after_50 = regression.optimizer.learning_rate(50);
    std::printf("%g\n", rate_after_50);

    auto careful = compile(regressor, OptimizerWith{RMSprop{.momentum = 0.5}, {.clipnorm = 1}}, MeanSquaredError{});
    careful.optimizer.learning_rate = 1e-4;  // it has the settings of both
    careful.optimizer.clipnorm = 0.5;
    careful.fit(x, sums, {.verbose = 0});

    const History history = training.fit(x, y, {.epochs = 2, .validation_data = {x, y}, .class_weight = {{1, 2.0}}});
    for (const std::string& name : history.names()) std::printf("%s ", name.c_str());  // accuracy loss val_accuracy …
    std::printf("%f in epoch %zu\n", history["val_loss"].back(), history.epoch().back());
    const std::string csv = history.to_csv();  // as Keras' CSVLogger writes it
    std::printf("%s", csv.c_str());

    Net best = model;  // a copy of the parameters
    double lowest = 1e9;
    for (std::size_t epoch = 0; epoch < 5; ++epoch, training.optimizer.learning_rate *= 0.5) {
        training.fit(x, y, {.epochs = epoch + 1, .initial_epoch = epoch});
        const double loss = training.evaluate(x, y)[0];
        if (loss < lowest) {
            best = model;
            lowest = loss;
        }
    }
    model = best;

    const auto [loss, accuracy] = training.evaluate(x, y);
    const auto [squared_error] = regression.evaluate(x, sums, {.verbose = 0});  // without metrics
    auto probabilities = model.predict(x);                                      // (300, 3)
    auto of_row = model.predict(xt::view(x, xt::range(7, 8), xt::all()));       // (1, 3): the first axis stays
    auto of_values = model.predict(xt::adapt(values.data(), {1, 8}));           // (1, 3), of the first 8 values
    model.predict(x, probabilities);                                            // into an array of that shape
    model.predict(values.data(), of_row.data());                                // plain buffers, one sample
    model.predict(values.data(), N, probabilities.data());                      // and N samples
    training.summary();  // model.summary() leaves out what the optimizer keeps
    model.save("net.safetensors", {.class_names = {"low", "middle", "high"}});
    model.load("net.safetensors");
    const auto class_names = load_class_names("net.safetensors");
    std::printf("%f %f %f, %zu classes\n", loss, accuracy, squared_error, class_names.size());
    std::printf("%f %f %f\n", probabilities(7, 0), of_row(0, 0), of_values(0, 0));

    const auto kernel = model.weights("dense/kernel");     // a view of the model's values, of shape (8, 32)
    model.weights("dense/bias") = xt::zeros<float>({32});  // assigning checks the shape
    kernel = 0.5f * kernel.array();                        // .array() is an xtensor expression
    const Tensor<float, 2> copy = kernel;                  // a copy
    const auto g = gradients(model, SparseCategoricalCrossentropy{}, x, y);
    for (const std::string& name : g.names()) std::printf("%s ", name.c_str());  // dense/kernel dense/bias …
    std::printf("%f %f\n", g.loss, g.input(7, 0));                               // of the mean loss; of x, (300, 8)
    kernel = copy - 0.1f * g["dense/kernel"];                                    // a step of SGD for one weight

    Net::with<mixed_bfloat16> mixed{42};
    Net::with<double> precise{42};
    set_threads(2);  // 0: the default again
    const gradient_report report = gradient_check<Input<6, 6, 2>, Conv2D<4, Tanh>, MaxPooling2D<>, Flatten, Dense<3>>();
    if (!report.passed()) std::printf("%s\n", report.problem.c_str());
    std::printf("%f in bfloat16, %f in double\n", mixed.predict(x)(0, 0), precise.predict(x)(0, 0));
    std::remove("net.safetensors");
} catch (const std::exception& error) {
    std::fprintf(stderr, "usage: %s\n", error.what());
    return 1;
}
