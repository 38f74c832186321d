#pragma once

#include "strata/report/html_report.hpp"
#include "strata/training/callback.hpp"
#include "strata/training/history.hpp"
#include "strata/training/logs.hpp"

#include <cstddef>
#include <filesystem>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Writes a report of the training when it ends: see write_html_report. It shows the model as it then is, so it stands
/// behind an EarlyStopping that restores the best weights.
///
///     HTMLReport{"report.html", {.data = {x_test, y_test}, .class_names = {"cat", "dog"}}}
struct HTMLReport {
    std::filesystem::path path = "report.html";
    html_report_options options{};

    History history{};  ///< of the last call of fit

    void on_train_begin() { history = {}; }
    void on_epoch_end(std::size_t epoch, const Logs& logs) { history.append(epoch, logs.values()); }
    void on_train_end(auto& fit) const { write_html_report(path, fit.model, history, options); }

    void archive(run_archive& run) { history.archive(run); }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::HTMLReport;
}  // namespace strata
