#pragma once

/// All that reads and prepares data: an opt-in beside strata/strata.hpp, for data sets of images, NumPy's arrays, CSV
/// tables and what is done with them, and for images that are augmented.

#include "strata/core/foreign_macros.hpp"

#include "strata/data/augmentation/augment.hpp"
#include "strata/data/augmentation/geometric.hpp"
#include "strata/data/augmentation/mixing.hpp"
#include "strata/data/augmentation/pixels.hpp"
#include "strata/data/cifar.hpp"
#include "strata/data/csv.hpp"
#include "strata/data/emnist.hpp"
#include "strata/data/idx.hpp"
#include "strata/data/load_idx.hpp"
#include "strata/data/mnist.hpp"
#include "strata/data/one_hot.hpp"
#include "strata/data/standardizer.hpp"
#include "strata/data/train_test_split.hpp"
#include "strata/io/npz.hpp"

#include "strata/core/foreign_macros.hpp"
