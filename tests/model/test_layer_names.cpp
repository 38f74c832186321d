#include "strata/model/layer_names.hpp"

#include "support/catch.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace strata::authoring;

TEST_CASE("snake_case is Keras' rule for the names of layers") {
    // What keras.src.utils.naming.to_snake_case yields.
    for (const auto& [class_name, name] : {std::pair{"Conv2D", "conv2d"},
                                           {"Dense", "dense"},
                                           {"Flatten", "flatten"},
                                           {"AveragePooling2D", "average_pooling2d"},
                                           {"GlobalAveragePooling2D", "global_average_pooling2d"},
                                           {"MaxPooling2D", "max_pooling2d"},
                                           {"ReLU", "re_lu"},
                                           {"LeakyReLU", "leaky_re_lu"},
                                           {"PReLU", "p_re_lu"},
                                           {"ELU", "elu"},
                                           {"GELU", "gelu"},
                                           {"LSTM", "lstm"},
                                           {"SimpleRNN", "simple_rnn"},
                                           {"Conv2DTranspose", "conv2d_transpose"},
                                           {"DepthwiseConv2D", "depthwise_conv2d"},
                                           {"BatchNormalization", "batch_normalization"},
                                           {"ZeroPadding2D", "zero_padding2d"},
                                           {"Softmax", "softmax"},
                                           {"", ""}}) {
        CHECK(snake_case(class_name) == name);
    }
}

TEST_CASE("layers of one class are numbered from the second on") {
    const std::array<std::string_view, 6> classes{"Conv2D", "ReLU", "Conv2D", "Dense", "ReLU", "Conv2D"};
    CHECK(layer_names(classes) ==
          std::vector<std::string>{"conv2d", "re_lu", "conv2d_1", "dense", "re_lu_1", "conv2d_2"});
    CHECK(layer_names({}).empty());
}
