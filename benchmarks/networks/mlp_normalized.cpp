#include "measure_network.hpp"

using namespace strata;

template <std::size_t Units> using Block = Chain<Dense<Units, NoBias>, BatchNormalization<>, ReLU, Dropout<0.2>>;
using NormalizedMLP = Sequential<Input<28, 28, 1>, Flatten, Block<512>, Block<512>, Dense<10, Softmax>>;

networks::outcome networks::mlp_normalized(const request& what) {
    return measure_network<NormalizedMLP>(what, samples::mnist(what.data));
}
