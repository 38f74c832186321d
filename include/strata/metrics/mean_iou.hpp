#pragma once

#include "strata/metrics/class_counts.hpp"
#include "strata/metrics/metric.hpp"

#include <cstddef>
#include <span>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Intersection over union of each class, TP / (TP + FP + FN), and the mean over the classes that occur (Keras:
/// `MeanIoU`, of the largest output of each row). Targets are class numbers or one-hot rows; in segmentation the
/// classes lie along the last axis.
struct MeanIoU {
    static constexpr std::string_view name = "mean_io_u";
    static constexpr metric_direction direction = metric_direction::up;
    static constexpr bool takes_logits = true;

    template <class Output, class Target> using state = confusion_counts<class_rows<Output, Target>::classes>;

    template <class Output, class Target>
    void update_state(state<Output, Target>& confusion, std::span<const double> y, std::span<const double> target,
                      double weight) const {
        using rows = class_rows<Output, Target>;
        static_assert(rows::classes > 1,
                      "MeanIoU: the model's outputs along the last axis must be two classes or more");
        for (std::size_t row = 0; row < rows::rows; ++row) {
            const std::size_t expected = rows::target_class(target, row);
            if (expected == rows::classes) continue;  // in segmentation often 255: not to be counted
            confusion.counts[expected * rows::classes + rows::largest(rows::row_of(y, row))] += weight;
        }
    }

    template <std::size_t Classes> double result(const confusion_counts<Classes>& confusion) const {
        double sum = 0;
        std::size_t occurring = 0;
        for (std::size_t k = 0; k < Classes; ++k) {
            double expected = 0, predicted = 0;
            for (std::size_t i = 0; i < Classes; ++i) {
                expected += confusion.counts[k * Classes + i];
                predicted += confusion.counts[i * Classes + k];
            }
            const double both = confusion.counts[k * Classes + k], either = expected + predicted - both;
            if (either == 0) continue;
            sum += both / either;
            ++occurring;
        }
        return occurring == 0 ? 0 : sum / static_cast<double>(occurring);
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::MeanIoU;
}  // namespace strata
