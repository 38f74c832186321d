#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/tensor.hpp"
#include "strata/core/text.hpp"

#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// What losses refuse as targets.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// Throws value_error for bytes, where targets are quantities: as inputs they would be scaled to [0, 1].
STRATA_OUT_OF_LINE inline void refuse_bytes(std::string_view loss, const array_ref& targets) {
    if (targets.holds_bytes()) {
        raise<value_error>({loss,
                            ": the targets are bytes; a model's inputs of bytes are divided by 255, but targets are "
                            "not: give them as floats"});
    }
}

/// A target, and the sample that it belongs to.
struct found_target {
    double value;
    std::size_t sample;
    bool found;
};

/// The first target that is not right.
STRATA_OUT_OF_LINE inline found_target first_wrong(const array_ref& targets, bool (*is_right)(double)) {
    return targets.visit([&](const auto* values) -> found_target {
        for (std::size_t i = 0, size = targets.sample_size(); i < targets.samples() * size; ++i) {
            const auto value = static_cast<double>(values[i]);
            if (!is_right(value)) return {value, i / size, true};
        }
        return {0, 0, false};
    });
}

/// Throws value_error for the first target that is not right, with `what` is right as the end of the message.
STRATA_OUT_OF_LINE inline void require_each(std::string_view loss, const array_ref& targets, bool (*is_right)(double),
                                            std::string_view what) {
    const found_target wrong = first_wrong(targets, is_right);
    if (wrong.found)
        raise<value_error>({loss, ": the target ", exact_text(wrong.value), " of sample ", wrong.sample, what});
}

/// Throws value_error for the first target that is not in [0, 1].
inline void require_probabilities(std::string_view loss, const array_ref& targets) {
    require_each(
        loss, targets, [](double value) { return value >= 0 && value <= 1; }, " does not lie in [0, 1]");
}

/// Throws value_error for the first label that is neither one of 0, ..., classes - 1 nor the one to be ignored.
STRATA_OUT_OF_LINE inline void require_classes(std::string_view loss, const array_ref& labels, std::size_t classes,
                                               std::optional<int> ignored = {}) {
    labels.visit([&](const auto* values) {
        for (std::size_t i = 0, size = labels.sample_size(); i < labels.samples() * size; ++i) {
            const auto label = static_cast<double>(values[i]);
            if (label >= 0 && label < static_cast<double>(classes) && label == std::floor(label)) continue;
            if (ignored && label == *ignored) continue;
            raise<value_error>({loss, ": label ", std::to_string(values[i]), " of sample ", i / size,
                                " is not one of 0, ..., ", classes - 1, ", the classes of the model"});
        }
    });
}

/// How many of these samples have labels other than the ignored one; a sample with some of each counts as a fraction.
template <class Row>
STRATA_OUT_OF_LINE double samples_without(int ignored, const array_ref& labels, std::span<const Row> rows) {
    return labels.visit([&](const auto* values) {
        const std::size_t size = labels.sample_size();
        std::size_t count = 0;
        for (const Row row : rows) {
            for (std::size_t i = 0; i < size; ++i)
                count += static_cast<double>(values[row * size + i]) == ignored ? 0 : 1;
        }
        return static_cast<double>(count) / static_cast<double>(size);
    });
}

/// Throws value_error unless all targets are 0 or 1, or all of them -1 or 1.
inline void require_signs(std::string_view loss, const array_ref& targets) {
    if (!first_wrong(targets, [](double value) { return value == 0 || value == 1; }).found) return;
    require_each(
        loss, targets, [](double value) { return value == -1 || value == 1; },
        " is neither -1 nor 1 (nor are all of them 0 or 1)");
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
