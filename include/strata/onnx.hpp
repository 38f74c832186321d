#pragma once

/// Models as ONNX files, for other programs: an opt-in beside strata/strata.hpp. `save_onnx(model, "model.onnx")`.

#include "strata/core/foreign_macros.hpp"

#include "strata/onnx/activations.hpp"
#include "strata/onnx/attention.hpp"
#include "strata/onnx/convolutions.hpp"
#include "strata/onnx/dense.hpp"
#include "strata/onnx/normalizations.hpp"
#include "strata/onnx/recurrent.hpp"
#include "strata/onnx/save_onnx.hpp"
#include "strata/onnx/shapes.hpp"

#include "strata/core/foreign_macros.hpp"
