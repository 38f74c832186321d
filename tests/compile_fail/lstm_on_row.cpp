// expect: SimpleRNN, LSTM, GRU: the input must be steps x inputs; put Reshape<steps, inputs> before it
#include "strata/layers/recurrent/lstm.hpp"
#include "strata/layers/reshape.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<12>, LSTM<3>> model;
#else
Sequential<Input<12>, Reshape<4, 3>, LSTM<3>> model;
#endif
