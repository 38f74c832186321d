// expect: convolution: the table of Connections must have a row for each channel of the input
#include "strata/strata.hpp"

using namespace strata;

constexpr bool table[2][3] = {{true, false, true}, {false, true, true}};

#ifdef WRONG
Sequential<Input<8, 8, 3>, Conv2D<2, Connections<table>>> model;
#else
Sequential<Input<8, 8, 2>, Conv2D<3, Connections<table>>> model;
#endif
