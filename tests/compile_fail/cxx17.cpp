// expect: strata needs C++20; compile with -std=c++20
// wrong flags: -std=c++17
#include "strata/strata.hpp"

strata::Sequential<strata::Input<4>, strata::Dense<2>> model;
