#pragma once

#include "strata/core/random_cells.hpp"
#include "strata/training/options.hpp"

#include <cstdint>
#include <span>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// What the packs of a batch share.
template <class T> struct batch_values {
    const labelled_data* data = nullptr;
    T scale_of_input = 1;
    std::span<const std::uint32_t> rows;       ///< where the samples are in the data
    std::span<const std::uint32_t> samples{};  ///< their numbers, and the epoch's: the keys of an augmentation
    std::uint64_t epoch = 0;
    const T* values = nullptr;  ///< the arena of the model
    random_cells random{};

    // With AllGradients.
    bool training = true;         ///< false: as in inference
    T* input_gradient = nullptr;  ///< to be filled: with respect to the inputs, sample by sample
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
