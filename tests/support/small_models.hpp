#pragma once

#include "strata/core/random.hpp"
#include "strata/core/tensor.hpp"
#include "strata/layers/activation.hpp"
#include "strata/layers/conv2d.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/pooling2d.hpp"
#include "strata/layers/reshape.hpp"
#include "strata/losses/crossentropy.hpp"
#include "strata/losses/regression.hpp"
#include "strata/metrics/accuracy.hpp"
#include "strata/model/sequential.hpp"
#include "strata/optimizers/adam.hpp"
#include "strata/optimizers/rmsprop.hpp"
#include "strata/optimizers/sgd.hpp"
#include "strata/training/trainer.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

/// Models and data that train in a moment; few, so that they are quickly compiled.
namespace strata::authoring::test {

/// Every kind of layer at work: 6 x 6 images, three classes.
using Classifier =
    Sequential<Input<6, 6, 1>, Conv2D<4, Same, Tanh>, MaxPooling2D<>, Flatten, Dense<8, ReLU>, Dense<3, Softmax>>;

/// y = w x + b for two inputs.
using Line = Sequential<Input<2>, Dense<1>>;

template <class T> struct image_data {
    tensor<T, 4> x;
    tensor<std::int32_t, 1> y;
};

/// Random 6 x 6 images in [0, 1); the class says which rows are brighter.
template <class T = float> image_data<T> make_images(std::size_t count, std::uint64_t seed = 1) {
    image_data<T> data{tensor<T, 4>(std::array<std::size_t, 4>{count, 6, 6, 1}),
                       tensor<std::int32_t, 1>(std::array<std::size_t, 1>{count})};
    random_stream random(seed, 0);
    for (std::size_t n = 0; n < count; ++n) {
        data.y(n) = static_cast<std::int32_t>(random.below(3));
        for (std::size_t i = 0; i < 36; ++i) {
            const bool bright = i / 12 == static_cast<std::size_t>(data.y(n));
            data.x.data()[n * 36 + i] = static_cast<T>(0.5 * random.uniform() + (bright ? 0.5 : 0));
        }
    }
    return data;
}

template <class Model> auto parameters_of(const Model& model) {
    return std::vector(model.parameters().begin(), model.parameters().end());
}

}  // namespace strata::authoring::test
