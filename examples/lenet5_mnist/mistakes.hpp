#pragma once

#include "report.hpp"

#include <span>
#include <strata/data/mnist.hpp>
#include <string>

namespace lenet5 {

/// A sheet of images that were taken for a wrong digit, each with `truth→answer` below it, as in figure 8 of LeCun,
/// Bottou, Bengio, Haffner (1998): a PNG file.
std::string sheet_of_mistakes(const strata::mnist::split& images, std::span<const prediction> mistakes);

}  // namespace lenet5
