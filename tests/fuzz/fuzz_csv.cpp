// Any bytes through the CSV reader: a file_error, or a table whose columns are numbers, classes and texts of one
// length, and whose texts read back the same when they are written in quotes.
#include "strata/data/csv.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

namespace {

using columns_of_texts = std::vector<std::vector<std::string>>;

strata::CsvTable parse(std::span<const std::byte> bytes, const strata::csv_options& options) {
    const auto source = strata::authoring::detail::open_unpacked(bytes, "fuzz");
    return strata::authoring::parse_csv(*source, options);
}

columns_of_texts texts_of(const strata::CsvTable& table) {
    columns_of_texts columns;
    for (std::size_t column = 0; column < table.column_count(); ++column) columns.push_back(table.texts(column));
    return columns;
}

void require_same_after_writing(const strata::CsvTable& table) {
    const columns_of_texts columns = texts_of(table);
    std::string written;
    for (std::size_t row = 0; row < table.rows(); ++row) {
        for (std::size_t column = 0; column < columns.size(); ++column) {
            if (columns[column].size() != table.rows()) std::abort();
            written += column == 0 ? "\"" : "\";\"";
            for (const char character : columns[column][row])
                written += character == '"' ? std::string("\"\"") : std::string(1, character);
        }
        written += "\"\r\n";
    }
    if (written.empty()) return;
    if (texts_of(parse(std::as_bytes(std::span(written)), {.separator = ';', .header = false})) != columns)
        std::abort();
}

void convert_all(const strata::CsvTable& table) {
    for (std::size_t column = 0; column < table.column_count(); ++column) {
        try {
            if (table.numbers<float>({column}).size() != table.rows()) std::abort();
            if (table.numbers<double>(std::vector{column}).shape(1) != 1) std::abort();
        } catch (const strata::file_error&) {
            // not a number
        }
        try {
            const auto [labels, names] = table.classes(column);
            const std::vector<std::string> texts = table.texts(column);
            for (std::size_t row = 0; row < texts.size(); ++row)
                if (names.at(static_cast<std::size_t>(labels(row))) != texts[row]) std::abort();
        } catch (const strata::file_error&) {
            continue;  // a missing label
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    for (const bool header : {true, false}) {
        try {
            const strata::CsvTable table = parse(
                bytes,
                {.header = header, .missing_as_nan = header, .accept_infinity = !header, .max_unpacked = 1U << 20U});
            convert_all(table);
            require_same_after_writing(table);
        } catch (const strata::file_error&) {
            continue;  // the answer to a malformed file; any other exception is a finding
        }
    }
    return 0;
}
