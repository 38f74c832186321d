// expect: save_onnx: layers of this network have no form in ONNX
#include "strata/layers/masking.hpp"
#include "strata/onnx.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<3, 2>, Masking<>, LSTM<2, SELU>, Dense<1>> model;
#else
Sequential<Input<3, 2>, LSTM<2>, Dense<1>> model;
#endif

void save() { save_onnx(model, "model.onnx"); }
