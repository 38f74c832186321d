#pragma once

/// What a program needs that only predicts, from weights that are a part of it: all layers and Predictor. Needs neither
/// xtensor nor OpenMP: docs/deploy.md.

#include "strata/layers.hpp"  // hides foreign macros itself

#include "strata/core/foreign_macros.hpp"

#include "strata/model/packed_weights.hpp"
#include "strata/model/predictor.hpp"

#include "strata/core/foreign_macros.hpp"
