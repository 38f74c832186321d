#include "measure_network.hpp"

using namespace strata;

// The rows of a digit as 28 steps of 28 values.
template <class... Layers> using Rows = Sequential<Input<28, 28, 1>, Reshape<28, 28>, Layers..., Dense<10, Softmax>>;

using LongShortTermMemory = Rows<LSTM<64>>;
using GatedRecurrentUnit = Rows<GRU<64>>;

// A temporal convolutional network of four dilated residual blocks (Bai, Kolter, Koltun 2018).
template <std::size_t Dilated>
using Block = Residual<Conv1D<64, Causal, Dilation<Dilated>, ReLU>, Conv1D<64, Causal, Dilation<Dilated>, ReLU>>;
using TemporalConvolutions =
    Rows<Conv1D<64, Kernel<1>>, Block<1>, Block<2>, Block<4>, Block<8>, GlobalAveragePooling1D<>>;

networks::outcome networks::lstm(const request& what) {
    return measure_network<LongShortTermMemory>(what, samples::mnist(what.data));
}

networks::outcome networks::gru(const request& what) {
    return measure_network<GatedRecurrentUnit>(what, samples::mnist(what.data));
}

networks::outcome networks::tcn(const request& what) {
    return measure_network<TemporalConvolutions>(what, samples::mnist(what.data));
}
