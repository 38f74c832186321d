/// Prints what a model makes of arrays, and some of MNIST: the same whatever layout a program chooses for its own
/// arrays.
#include "strata/data/mnist.hpp"
#include "strata/layers/dense.hpp"
#include "strata/losses/regression.hpp"
#include "strata/model/sequential.hpp"
#include "strata/optimizers/sgd.hpp"
#include "strata/training/trainer.hpp"
#include "support/xtensor.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <vector>

using namespace strata;

namespace {

template <class Array> void print(const char* what, const Array& array) {
    std::printf("%s", what);
    for (std::size_t i = 0; i < array.shape()[0]; ++i) {
        for (std::size_t j = 0; j < array.shape()[1]; ++j) std::printf(" %g", double(array(i, j)));
    }
    std::printf("\n");
}

}  // namespace

int main(int, char** argv) {
    Sequential<Input<2>, Dense<2>> model;
    std::ranges::copy(std::vector<float>{1, 0, 0, 1, 0, 0}, model.parameters().begin());
    xt::xtensor<float, 2> x({4, 2});  // in the layout that the program has chosen, as all that follows
    xt::xarray<double> dynamic = xt::zeros<double>({4, 2});
    for (std::size_t i = 0; i < 4; ++i) {
        for (std::size_t j = 0; j < 2; ++j) x(i, j) = float(10 * i + j), dynamic(i, j) = x(i, j);
    }
    print("rows", model.predict(x));
    print("expression", model.predict(x + 1.f));
    print("dynamic", model.predict(dynamic));
    print("view", model.predict(xt::view(x, xt::range(1, 3))));
    print("one", model.predict(xt::view(x, xt::range(3, 4), xt::all())));
    auto result = model.predict(x);
    model.predict(x * 2.f, result);
    print("kept", result);
    std::vector<float> plain(8);
    model.predict(xt::view(x, xt::range(0, 1)), xt::adapt<xt::layout_type::row_major>(plain.data(), {1, 2}));
    std::printf("plain %g %g\n", double(plain[0]), double(plain[1]));

    auto training = compile(model, SGD{}, MeanSquaredError{});
    xt::xtensor<float, 1> weight = xt::ones<float>({4});
    weight(2) = 3;
    training.fit(x, xt::eval(x * 0.5f), {.batch_size = 2, .epochs = 3, .sample_weight = weight, .verbose = 0});
    for (const float value : model.parameters()) std::printf("%.9g ", double(value));
    std::printf("\n");

    const auto images = mnist::load(argv[1]).test.rows(0, 3).images;
    std::size_t sum = 0;
    for (std::size_t n = 0; n < 3; ++n) {
        for (std::size_t i = 0; i < 28; ++i) {
            for (std::size_t j = 0; j < 28; ++j) sum += images(n, i, j, 0) * (n + 2 * i + 3 * j);
        }
    }
    std::printf("images %zu\n", sum);
}
