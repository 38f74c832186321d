#pragma once

#include <cstddef>
#include <string>
#include <vector>

/// What one translation unit of the program computes; UNIT in unit.cpp names it.
struct findings {
    std::size_t lanes_of_float;
    std::vector<double> line;         // weight and bias after training, in double
    std::vector<double> predictions;  // of a network with a convolution, trained in float
    std::vector<double> loaded;       // the same from a model that was saved and loaded again
    std::vector<int> labels;          // read from an IDX file
};

findings avx2_unit(const std::string& folder);
findings sse2_unit(const std::string& folder);
