#pragma once

/// All callbacks that `fit` can be given: an opt-in beside strata/strata.hpp, for those that save models write files.

#include "strata/io/checkpoint.hpp"  // hides foreign macros itself

#include "strata/core/foreign_macros.hpp"

#include "strata/callbacks/csv_logger.hpp"
#include "strata/callbacks/early_stopping.hpp"
#include "strata/callbacks/html_report.hpp"
#include "strata/callbacks/learning_rate.hpp"
#include "strata/callbacks/model_checkpoint.hpp"
#include "strata/callbacks/simple.hpp"
#include "strata/callbacks/tensorboard.hpp"

#include "strata/core/foreign_macros.hpp"
