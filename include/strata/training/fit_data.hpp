#pragma once

#include "strata/core/argmax.hpp"
#include "strata/core/errors.hpp"
#include "strata/core/samples.hpp"
#include "strata/core/tensor.hpp"
#include "strata/core/text.hpp"
#include "strata/training/options.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

/// What `fit` trains on and validates with, as its options say.
namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

/// `count` samples of an array, from `first` on. It refers to the array, which has to outlive it.
STRATA_OUT_OF_LINE inline array_ref samples_of(const array_ref& array, std::size_t first, std::size_t count) {
    if (array.empty()) return {};
    std::array<std::size_t, array_ref::max_rank> extents{};
    std::copy(array.shape().begin(), array.shape().end(), extents.begin());
    extents[0] = count;
    return array.visit([&](const auto* values) {
        return array_ref(values + first * array.sample_size(), std::span(extents.data(), array.shape().size()));
    });
}

/// Writes the weight of each sample's class; 1 for a class that has none. Classes are numbers, or the largest of a row.
STRATA_OUT_OF_LINE inline void set_weights_by_class(const array_ref& targets, const class_weights& of_classes,
                                                    std::span<double> weights) {
    const std::size_t columns = targets.sample_size();
    targets.visit([&](const auto* values) {
        for (double& weight : weights.first(targets.samples())) {
            weight = 1;
            const double own =
                columns == 1 ? std::round(static_cast<double>(*values)) : static_cast<double>(argmax(values, columns));
            for (const auto& [k, weight_of_class] : of_classes)
                if (own == static_cast<double>(k)) weight = weight_of_class;
            values += columns;
        }
    });
}

/// Throws value_error for options of fit that make no sense, whatever it trains on. `one_row`: whether the output of
/// the model is one row, that of a sample's classes; `has_weights`: whether the samples have weights of their own.
STRATA_OUT_OF_LINE inline void check_options(const fit_options& options, bool one_row, bool has_weights) {
    if (options.batch_size == 0) raise<value_error>({"fit: batch_size must be at least 1"});
    if (options.validation_freq == 0) raise<value_error>({"fit: validation_freq must be at least 1"});
    if (!(options.validation_split >= 0 && options.validation_split < 1))
        raise<value_error>({"fit: validation_split must lie in [0, 1)"});
    if (options.class_weight.empty()) return;
    if (!one_row)
        raise<value_error>(
            {"fit: class_weight: the model's output has several rows, and so has a sample "
             "several classes; give sample_weight in its place"});
    if (has_weights)
        raise<value_error>({"fit: class_weight and sample_weight cannot both be given; multiply them yourself"});
    for (const auto& [k, weight] : options.class_weight) {
        if (!(weight >= 0 && weight <= std::numeric_limits<double>::max()))
            raise<value_error>({"fit: class_weight: the weight of class ", k, " is not a finite number, 0 or more"});
    }
}

/// How many steps an epoch has.
inline std::size_t steps_of_epoch(std::size_t samples, const fit_options& options) {
    const std::size_t batch_size = std::min(options.batch_size, samples);
    const std::size_t all = (samples + batch_size - 1) / batch_size;
    return options.steps_per_epoch == 0 ? all : std::min(options.steps_per_epoch, all);
}

/// How many samples are trained on where the last ones, a share of all, are for the validation.
STRATA_OUT_OF_LINE inline std::size_t samples_before_split(std::size_t samples, double share) {
    const auto kept = static_cast<std::size_t>(std::floor(static_cast<double>(samples) * (1 - share)));
    if (kept == 0 || kept == samples) {
        raise<value_error>({"fit: validation_split ", exact_text(share), " of ", samples, " samples leaves none ",
                            kept == 0 ? "to train on" : "to validate with"});
    }
    return kept;
}

/// The arrays of one call of fit: what is trained on, and what a validation uses.
class fit_data {
public:
    /// Throws value_error for options that make no sense. x and y have to outlive this object.
    /// `one_row`: whether the output of the model is one row, that of a sample's classes.
    STRATA_OUT_OF_LINE fit_data(const array_ref& x, const array_ref& y, const fit_options& options, bool one_row)
        : training{x, y, options.sample_weight}, validation{options.validation_data} {
        check_options(options, one_row, !options.sample_weight.empty());
        if (!options.class_weight.empty()) {
            weights_.resize(y.samples());
            set_weights_by_class(y, options.class_weight, weights_);
            const std::array<std::size_t, 1> extents{weights_.size()};
            training.sample_weight = array_ref(weights_.data(), extents);
        }
        if (options.validation_split > 0 && !validates()) split(options.validation_split);  // as in Keras
    }

    fit_data(const fit_data&) = delete;
    fit_data& operator=(const fit_data&) = delete;

    labelled_data training, validation;

    bool validates() const { return !validation.x.empty() || !validation.y.empty(); }

private:
    /// The last samples become the validation's.
    void split(double share) {
        const std::size_t samples = training.x.samples(), kept = samples_before_split(samples, share);
        const auto part = [&](std::size_t first, std::size_t count) {
            return labelled_data{samples_of(training.x, first, count), samples_of(training.y, first, count),
                                 samples_of(training.sample_weight, first, count)};
        };
        validation = part(kept, samples - kept);
        training = part(0, kept);
    }

    std::vector<double> weights_;
};

}  // namespace detail

}  // namespace STRATA_ISA
}  // namespace strata::authoring
