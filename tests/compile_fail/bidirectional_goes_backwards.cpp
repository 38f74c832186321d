// expect: Bidirectional: the layer must be SimpleRNN, LSTM or GRU, without GoBackwards
#include "strata/layers/recurrent/bidirectional.hpp"
#include "strata/layers/recurrent/lstm.hpp"
#include "strata/model/sequential.hpp"

using namespace strata;

#ifdef WRONG
Sequential<Input<4, 3>, Bidirectional<LSTM<3, GoBackwards>>> model;
#else
Sequential<Input<4, 3>, Bidirectional<LSTM<3>>> model;
#endif
