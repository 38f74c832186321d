#include "measure_network.hpp"

using namespace strata;

using MLP = Sequential<Input<28, 28, 1>, Flatten, Dense<512, ReLU>, Dense<512, ReLU>, Dense<10, Softmax>>;

networks::outcome networks::mlp(const request& what) { return measure_network<MLP>(what, samples::mnist(what.data)); }
