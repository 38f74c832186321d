#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "strata/core/errors.hpp"
#include "strata/core/text.hpp"
#include "strata/training/csv_log.hpp"
#include "strata/training/named_value.hpp"
#include "strata/training/run_archive.hpp"

namespace strata::authoring {
inline namespace STRATA_ISA {

/// What `fit` measured, epoch by epoch (Keras: History): `history["val_loss"].back()`.
class History {
public:
    /// Records the metrics of an epoch, counted from 0. A metric may be missing in some epochs.
    STRATA_OUT_OF_LINE void append(std::size_t epoch, const std::vector<named_value>& values) {
        const auto row = epochs_.size();
        epochs_.push_back(epoch);
        for (const auto& [name, value] : values) {
            series& metric = entry_of(series_, name);
            if (!metric.rows.empty() && metric.rows.back() == row) {
                metric.values.back() = value;  // named twice: the last one counts
                continue;
            }
            metric.values.push_back(value);
            metric.rows.push_back(row);
        }
    }

    /// The epochs that were trained, counted from 0; the first is fit's initial_epoch.
    const std::vector<std::size_t>& epoch() const& { return epochs_; }
    std::vector<std::size_t> epoch() && { return std::move(epochs_); }

    /// The metrics' names, in the order in which they are printed.
    std::vector<std::string> names() const {
        std::vector<std::string> all;
        for (const auto& metric : series_) all.push_back(metric.name);
        return all;
    }

    /// Whether there is a metric of that name.
    bool contains(std::string_view name) const { return find(name) != nullptr; }

    /// A metric's values, one for each epoch that measured it. Throws value_error, with the names that there are, for
    /// a name that nothing was recorded under.
    const std::vector<double>& operator[](std::string_view name) const& {
        if (const auto* found = find(name)) return found->values;
        std::string known;
        for (const auto& metric : series_) known += concat({known.empty() ? "" : ", ", metric.name});
        raise<value_error>(
            {"the history has no \"", name, "\"; it has ", known.empty() ? "nothing: no epoch was trained" : known});
    }

    /// Of a temporary, `fit(x, y)["loss"]`, a copy.
    std::vector<double> operator[](std::string_view name) && { return std::as_const(*this)[name]; }

    /// A metric's value in the epoch epoch()[row]; null where it was not measured.
    const double* value(std::string_view name, std::size_t row) const {
        const auto* metric = find(name);
        if (metric == nullptr) return nullptr;
        const auto place = std::lower_bound(metric->rows.begin(), metric->rows.end(), row);
        if (place == metric->rows.end() || *place != row) return nullptr;
        return &metric->values[static_cast<std::size_t>(place - metric->rows.begin())];
    }

    /// The history as Keras' CSVLogger writes it, byte for byte: a header, `epoch` (from 0) and the metrics of the
    /// first epoch by name, values in full precision, NA for what an epoch did not measure, lines ending in CR LF.
    /// As in Keras, columns for a validation are there even if the first epoch had none. Empty without an epoch.
    std::string to_csv() const {
        if (epochs_.empty()) return {};
        std::vector<std::string> first;
        for (const auto& metric : series_)
            if (metric.rows.front() == 0) first.push_back(metric.name);
        const auto columns = detail::csv_columns(std::move(first));
        std::string text = detail::csv_header(columns);
        for (std::size_t row = 0; row < epochs_.size(); ++row)
            text += detail::csv_line(epochs_[row], columns, [&](std::string_view name) { return value(name, row); });
        return text;
    }

    /// Saves or loads all that was recorded.
    STRATA_OUT_OF_LINE void archive(run_archive& run) {
        run.numbers("epochs", epochs_);
        std::uint64_t count = series_.size();
        run.count("metrics", count);
        if (run.loads()) series_.resize(count);
        std::size_t number = 0;
        for (series& metric : series_) {
            const std::string place = std::to_string(number++);
            run.text(place + "/name", metric.name);
            run.numbers(place + "/values", metric.values);
            run.numbers(place + "/rows", metric.rows);
        }
    }

private:
    struct series {
        std::string name{};
        std::vector<double> values{};
        std::vector<std::size_t> rows{};  // in epochs_, of each value
    };

    const series* find(std::string_view name) const {
        for (const series& metric : series_) {
            if (metric.name == name) return &metric;
        }
        return nullptr;
    }

    std::vector<std::size_t> epochs_;
    std::list<series> series_;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::History;
}  // namespace strata
