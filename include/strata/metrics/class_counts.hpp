#pragma once

#include "strata/core/argmax.hpp"

#include <array>
#include <cstddef>
#include <span>

/// Metrics of classes: which row of a confusion matrix a sample is in.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// How outputs and targets are read as classes: each row along the last axis is one prediction. Its target is a class
/// number, or a row with one value for each class, of which the largest counts.
template <class Output, class Target> struct class_rows {
    static constexpr std::size_t classes = Output::extents[Output::rank - 1], rows = Output::size / classes;
    static constexpr std::size_t targets = Target::size / rows;
    static_assert(targets * rows == Target::size && (targets == 1 || targets == classes),
                  "each row of outputs needs one target, a class number, or as many as it has outputs");

    static std::size_t largest(std::span<const double> values) { return argmax(values.data(), values.size()); }

    static std::span<const double> row_of(std::span<const double> y, std::size_t row) {
        return y.subspan(row * classes, classes);
    }

    /// How much a row's target expects class k: 1 or 0 for class numbers.
    static double expected(std::span<const double> target, std::size_t row, std::size_t k) {
        return targets == classes ? target[row * classes + k] : target[row] == static_cast<double>(k) ? 1.0 : 0.0;
    }

    /// The class that a row's target names; `classes` for a number that is none.
    static std::size_t target_class(std::span<const double> target, std::size_t row) {
        if (targets == classes) return largest(row_of(target, row));
        const double number = target[row];
        return number >= 0 && number < static_cast<double>(classes) ? static_cast<std::size_t>(number) : classes;
    }
};

/// How often class i was taken for class j, by weight, at [i * Classes + j].
template <std::size_t Classes> struct confusion_counts {
    std::array<double, Classes * Classes> counts{};

    confusion_counts& operator+=(const confusion_counts& other) {
        for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
        return *this;
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
