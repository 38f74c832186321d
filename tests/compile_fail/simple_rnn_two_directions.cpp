// expect: SimpleRNN, LSTM, GRU: an option is given twice
#include "strata/layers/recurrent/simple_rnn.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4, 3>, SimpleRNN<3, GoBackwards, GoBackwards>> model;
#else
Sequential<Input<4, 3>, SimpleRNN<3, GoBackwards>> model;
#endif
