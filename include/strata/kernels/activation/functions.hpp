#pragma once

/// All activation functions that work cell by cell.

#include "strata/kernels/activation/piecewise.hpp"
#include "strata/kernels/activation/smooth.hpp"
