// expect: save: include <strata/io/checkpoint.hpp>
#ifndef WRONG
#include "strata/io/checkpoint.hpp"
#endif
#include "strata/strata.hpp"

using namespace strata;

void keep(Sequential<Input<4>, Dense<3>>& model) { model.save("model.safetensors"); }
