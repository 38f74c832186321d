// expect: SimpleRNN, LSTM, GRU: the derivatives of their activations must follow from their results
#include "strata/layers/recurrent/lstm.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4, 3>, LSTM<3, GELU>> model;
#else
Sequential<Input<4, 3>, LSTM<3, ReLU>> model;
#endif
