#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/samples.hpp"
#include "strata/core/tensor.hpp"
#include "strata/core/text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Inputs and what the model should make of them: any xtensor containers or expressions.
struct labelled_data {
    array_ref x{};
    array_ref y{};
    /// How much each sample counts, of shape (N); without it, 1.
    array_ref sample_weight{};
};

namespace detail {

/// Extents without a last one of 1.
inline std::span<const std::size_t> without_last_one(std::span<const std::size_t> extents) {
    return !extents.empty() && extents.back() == 1 ? extents.first(extents.size() - 1) : extents;
}

/// Throws shape_error unless y is (N, targets...), with or without a last extent of 1, as in Keras.
STRATA_OUT_OF_LINE inline void require_targets(const array_ref& y, std::span<const std::size_t> targets,
                                               std::string_view caller, std::string_view advice) {
    if (!y.shape().empty()) {
        const auto given = without_last_one(y.shape().subspan(1)), needed = without_last_one(targets);
        if (std::equal(given.begin(), given.end(), needed.begin(), needed.end())) return;
    }
    require_samples(y, targets, concat({caller, ": targets"}), advice);
}

/// Throws shape_error, which names the caller, unless x is (N, inputs...), y (N, targets...) and the weights (N).
STRATA_OUT_OF_LINE inline void require_data(const labelled_data& data, std::span<const std::size_t> inputs,
                                            std::span<const std::size_t> targets, std::string_view caller,
                                            std::string_view advice_on_targets) {
    require_samples(data.x, inputs, concat({caller, ": inputs"}));
    require_targets(data.y, targets, caller, advice_on_targets);
    if (!data.sample_weight.empty()) require_samples(data.sample_weight, {}, concat({caller, ": sample_weight"}));
    for (const array_ref* other : {&data.y, &data.sample_weight}) {
        if (!other->empty() && other->samples() != data.x.samples()) {
            raise<shape_error>({caller, ": ", data.x.samples(), " inputs, but ", other->samples(),
                                other == &data.y ? " targets were given" : " sample weights were given"});
        }
    }
}

}  // namespace detail

/// How much the samples of classes count: `{{0, 1.0}, {1, 5.0}}`.
using class_weights = std::vector<std::pair<std::size_t, double>>;

/// What `fit` can be told, with Keras' defaults.
struct fit_options {
    std::size_t batch_size = 32;
    /// The epoch to stop at: with an initial_epoch of 3, `epochs = 5` trains two of them.
    std::size_t epochs = 1;
    std::size_t initial_epoch = 0;
    /// Draw a new order of all samples for each epoch.
    bool shuffle = true;
    /// Evaluated after each epoch, as val_loss and so on: `.validation_data = {images, labels}`.
    labelled_data validation_data{};
    /// In place of validation_data: this share of the data, the last samples, is not trained on but evaluated.
    double validation_split = 0;
    /// Evaluate after each so many epochs.
    std::size_t validation_freq = 1;
    /// At most so many batches an epoch; 0: all of them.
    std::size_t steps_per_epoch = 0;
    /// How much each sample of the training data counts, of shape (N); without it, 1.
    array_ref sample_weight{};
    /// How much each sample counts by its class, 1 where nothing is said: `{{0, 1.0}, {1, 5.0}}`. Not for the
    /// validation.
    class_weights class_weight{};
    /// 0: silent, 1: a progress bar (on a terminal), 2: a line for each epoch.
    int verbose = 1;
    /// Fixes the orders that are drawn. Each epoch of a trainer has another one, also in later calls of `fit`; a new
    /// trainer that goes on at `initial_epoch` draws what the one before would have drawn.
    std::uint64_t seed = 0;
    /// A safetensors file that keeps the run: where there is one, training goes on as if it had never been interrupted,
    /// with the same bits. It is written after each epoch. Include <strata/training/run_file.hpp>.
    std::string resume{};
    /// Write it after each so many steps, too.
    std::size_t save_every = 0;
    /// Ctrl-C ends training after the step, with the model whole; a second one ends the program. Where the program
    /// handles SIGINT itself, this does nothing.
    bool stop_on_interrupt = true;
};

/// What `evaluate` can be told, with Keras' defaults. `batch_size` only counts the steps that are shown.
struct evaluate_options {
    std::size_t batch_size = 32;
    array_ref sample_weight{};
    int verbose = 1;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::evaluate_options;
using authoring::fit_options;
}  // namespace strata
