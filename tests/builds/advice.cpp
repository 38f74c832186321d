// Does what its arguments name, one after the other: train, predict_few, predict_many. With ADVICE_ALONE it only says
// what each of them would, which takes a moment to compile.
#ifdef ADVICE_ALONE
#include "strata/system/build_advice.hpp"

int main(int argc, char**) {
    for (int i = 1; i < argc; ++i) strata::authoring::detail::advise_on_build();
}
#else
#include "strata/layers/dense.hpp"
#include "strata/losses/regression.hpp"
#include "strata/model/sequential.hpp"
#include "strata/optimizers/sgd.hpp"
#include "strata/training/trainer.hpp"

#include <array>
#include <cstddef>
#include <string_view>

using namespace strata;

int main(int argc, char** argv) {
    const auto zeros = [](std::size_t rows, std::size_t columns) {
        Tensor<float, 2> result(std::array<std::size_t, 2>{rows, columns});
        for (float& value : result) value = 0;
        return result;
    };
    Sequential<Input<2>, Dense<1>> model;
    auto training = compile(model, SGD{}, MeanSquaredError{});
    for (int i = 1; i < argc; ++i) {
        const std::string_view action = argv[i];
        if (action == "train") training.fit(zeros(20, 2), zeros(20, 1), {.verbose = 0});
        if (action == "predict_few") model.predict(zeros(3, 2));
        if (action == "predict_many") model.predict(zeros(1000, 2));
    }
}
#endif
