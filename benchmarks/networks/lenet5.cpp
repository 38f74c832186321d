#include "../lenet5.hpp"
#include "measure_network.hpp"

using namespace strata;

networks::outcome networks::lenet5(const request& what) {
    return measure_network<LeNet5>(what, samples::mnist(what.data));
}
