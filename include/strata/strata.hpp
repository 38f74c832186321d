#pragma once

/// All of strata but what needs more libraries: model.save and model.load come with <strata/io/checkpoint.hpp>.

#include "strata/data/mnist.hpp"
#include "strata/initializers/initializers.hpp"
#include "strata/layers/activation.hpp"
#include "strata/layers/conv1d.hpp"
#include "strata/layers/conv2d.hpp"
#include "strata/layers/conv_transpose.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/depthwise_conv2d.hpp"
#include "strata/layers/pooling2d.hpp"
#include "strata/layers/reshape.hpp"
#include "strata/layers/separable_conv2d.hpp"
#include "strata/losses/crossentropy.hpp"
#include "strata/losses/mean_squared_error.hpp"
#include "strata/metrics/accuracy.hpp"
#include "strata/model/gradient_check.hpp"
#include "strata/model/sequential.hpp"
#include "strata/optimizers/adam.hpp"
#include "strata/optimizers/rmsprop.hpp"
#include "strata/optimizers/sgd.hpp"
#include "strata/training/trainer.hpp"
