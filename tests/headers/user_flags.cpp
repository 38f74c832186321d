// A user's program, compiled with more warnings than strata's own: none of them is about strata's headers.

#include <strata/callbacks.hpp>
#include <strata/io/checkpoint.hpp>
#include <strata/onnx.hpp>
#include <strata/strata.hpp>
#include <strata/training/run_file.hpp>

using namespace strata;
using Model = Sequential<Input<12, 12, 1>, Residual<Conv2D<1, Kernel<3>, Same, Tanh>, BatchNormalization<>>,
                         MaxPooling2D<>, Flatten, Dropout<0.25>,
                         Dense<10, Softmax, KernelRegularizer<OrthogonalRegularizer<>>, BiasRegularizer<L1L2<0.1, 0.1>>,
                               KernelConstraint<MaxNorm<>>, BiasConstraint<NonNeg>>>;

int main() {
    Model model;
    model.summary();
    const Tensor<float, 4> x(std::array<std::size_t, 4>{64, 12, 12, 1});
    const Tensor<int, 1> y(std::array<std::size_t, 1>{64});
    auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{});
    training.fit(x, y, {.batch_size = 32, .epochs = 5, .resume = "run.safetensors"}, EarlyStopping{.monitor = "loss"},
                 ReduceLROnPlateau{.monitor = "loss"}, CSVLogger{"log.csv"}, TensorBoard{}, HTMLReport{});
    training.evaluate(x, y);
    model.predict(x);
    model.save("model.safetensors");
    model.load("model.safetensors");
    save_onnx(model, "model.onnx");
}
