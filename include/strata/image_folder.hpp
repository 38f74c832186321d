#pragma once

/// Folders of PNG and JPEG images: an opt-in beside strata/strata.hpp, for programs that are linked with libpng and
/// libjpeg (CMake: strata::images; else -lpng -ljpeg).

#include "strata/core/foreign_macros.hpp"

#include "strata/data/images/image_files.hpp"

#include "strata/core/foreign_macros.hpp"
