#pragma once

#include "strata/core/errors.hpp"
#include "strata/training/callback.hpp"
#include "strata/training/csv_log.hpp"
#include "strata/training/logs.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Writes each epoch as a line of a CSV file, byte for byte as Keras does (Keras: `CSVLogger`). With `append` it goes
/// on in a file that is there. Each line is on disk when the next epoch begins. Throws file_error where that fails.
struct CSVLogger {
    std::filesystem::path filename;
    char separator = ',';
    bool append = false;

    std::vector<std::string> columns{};  ///< after `epoch`: those of the first epoch
    std::string lines{};                 ///< what this training has written
    std::uint64_t begin = 0;             ///< where in the file

    void on_train_begin() {
        columns.clear();
        lines.clear();
        write("", append);
        begin = std::filesystem::file_size(filename);
    }

    STRATA_OUT_OF_LINE void on_epoch_end(std::size_t epoch, const Logs& logs) {
        std::string text;
        if (columns.empty()) {
            std::vector<std::string> names;
            for (const named_value& value : logs.values()) names.push_back(value.name);
            columns = detail::csv_columns(std::move(names));
            std::error_code error;
            if (std::filesystem::file_size(filename, error) == 0) text = detail::csv_header(columns, separator);
        }
        text += detail::csv_line(
            epoch, columns, [&](std::string_view name) { return logs.find(name); }, separator);
        write(text, true);
        lines += text;
    }

    /// A run that goes on has its lines, and none of what came after it was saved.
    STRATA_OUT_OF_LINE void archive(run_archive& run) {
        std::uint64_t count = columns.size();
        run.count("columns", count);
        if (run.loads()) columns.resize(count);
        for (std::size_t i = 0; i < columns.size(); ++i) run.text("column/" + std::to_string(i), columns[i]);
        run.text("lines", lines);
        run.number("begin", begin);
        if (!run.loads()) return;
        if (begin < std::filesystem::file_size(filename)) std::filesystem::resize_file(filename, begin);
        write(lines, true);
    }

private:
    STRATA_OUT_OF_LINE void write(const std::string& text, bool at_end) const {
        std::FILE* const file = std::fopen(filename.string().c_str(), at_end ? "ab" : "wb");
        bool written = file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size();
        const int reason = errno;
        if (file != nullptr) written = std::fclose(file) == 0 && written;
        if (!written) {
            raise<file_error>({filename.string(), ": CSVLogger cannot write it: ",
                               std::generic_category().message(reason), " (check the path and the disk)"});
        }
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::CSVLogger;
}  // namespace strata
