#pragma once

#include "strata/core/decimal.hpp"
#include "strata/core/errors.hpp"
#include "strata/core/printable.hpp"
#include "strata/core/tensor.hpp"
#include "strata/core/text.hpp"
#include "strata/data/csv_text.hpp"
#include "strata/system/gzip.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// How a CSV file is written.
struct csv_options {
    char separator = ',';  ///< or ';', '\t', '|', ' ', …
    bool header = true;    ///< the first line has the columns' names
    std::vector<std::string> missing = {"", "NA", "N/A", "NaN", "nan", "null"};  ///< what stands for a missing value
    bool missing_as_nan = false;   ///< a missing number is NaN; otherwise it is an error
    bool accept_infinity = false;  ///< "inf", "-inf" and "infinity" are numbers
    bool trim = false;             ///< blanks around texts and names are left out, as those around numbers always are
    std::uint64_t max_unpacked = 1ULL << 32U;  ///< the most bytes that a file packed with gzip may unpack to
};

/// A column, by its name or by its number, from 0.
class csv_column {
public:
    // NOLINTBEGIN(google-explicit-constructor): a column stands for its name or number
    csv_column(const char* name) : csv_column(std::string_view(name)) {}
    csv_column(const std::string& name) : csv_column(std::string_view(name)) {}
    csv_column(std::string_view name) : name_(name), has_name_(true) {}
    template <std::integral Number> csv_column(Number number) : number_(static_cast<std::size_t>(number)) {}
    // NOLINTEND(google-explicit-constructor)

    bool has_name() const { return has_name_; }
    std::string_view name() const { return name_; }
    std::size_t number() const { return number_; }

private:
    std::string_view name_;
    std::size_t number_ = 0;
    bool has_name_ = false;
};

/// Class numbers (N) from a column of labels, and what the labels were: `names[labels(i)]`.
struct csv_classes {
    tensor<std::int32_t, 1> labels;
    std::vector<std::string> names;
};

/// A table that `read_csv` has read. It keeps the bytes of the file; columns become arrays when they are asked for.
///
/// Columns are chosen by name or, from 0 on, by number: `{"alcohol", "ash"}`, `{0, 1}`. All functions throw file_error
/// for a column that is not there and for a field that is not what was asked for; the message names line and column.
class CsvTable {
public:
    /// See parse_csv.
    CsvTable(detail::byte_source& source, const csv_options& options)
        : text_(source, checked_separator(options), options.max_unpacked), options_(options), records_(text_.begin()) {
        const char* at = records_;
        columns_ = text_.check_record(at);
        if (options.header) {
            read_header();
            records_ = at;
        } else {
            rows_ = 1;
        }
        for (const char* record = at; at < text_.end(); record = at, ++rows_) {
            if (const std::size_t fields = text_.check_record(at); fields != columns_) refuse_ragged(record, fields);
        }
        missing_numbers_ = std::any_of(options.missing.begin(), options.missing.end(), [](const std::string& text) {
            return detail::read_decimal(text.data(), text.data() + text.size()).end != nullptr;
        });
    }

    /// The number of records, the header left out.
    std::size_t rows() const { return rows_; }

    std::size_t column_count() const { return columns_; }

    /// The names in the header, none without one.
    const std::vector<std::string>& columns() const { return names_; }

    /// The numbers of all columns but these, for `numbers`.
    std::vector<std::size_t> columns_except(std::initializer_list<csv_column> left_out) const {
        const std::vector<std::size_t> numbers = numbers_of(left_out);
        std::vector<std::size_t> others;
        for (std::size_t column = 0; column < columns_; ++column)
            if (std::find(numbers.begin(), numbers.end(), column) == numbers.end()) others.push_back(column);
        return others;
    }

    /// Columns of numbers, (rows, columns), in the order they are given; T is float or double. Blanks around a number
    /// and quotes are left out. Refused are numbers too large for T.
    template <std::floating_point T> tensor<T, 2> numbers(std::initializer_list<csv_column> columns) const {
        return read_numbers<T>(numbers_of(columns));
    }

    /// The same for a container of names or numbers.
    template <std::floating_point T, class Columns> tensor<T, 2> numbers(const Columns& columns) const {
        return read_numbers<T>(numbers_of(columns));
    }

    /// All columns.
    template <std::floating_point T> tensor<T, 2> numbers() const { return numbers<T>(columns_except({})); }

    /// A column of labels as class numbers, in the order of the labels: by value where all are numbers, else by their
    /// bytes (scikit-learn: LabelEncoder of what pandas reads).
    STRATA_OUT_OF_LINE csv_classes classes(csv_column column) const {
        std::map<std::string, std::int32_t, by_value> found;
        visit_fields({number_of(column)}, [&](std::size_t, std::size_t, const char* at) {
            const char* const end = text_.field_end(at);
            found.try_emplace(label(number_of(column), at, end));
            return end;
        });
        std::vector<std::string> names;
        for (const auto& entry : found) names.push_back(entry.first);
        if (!std::all_of(names.begin(), names.end(), is_number)) std::sort(names.begin(), names.end());
        auto labels = classes(column, names);
        return {std::move(labels), std::move(names)};
    }

    /// The same with classes that are known, such as those of the training data; another label is refused.
    STRATA_OUT_OF_LINE tensor<std::int32_t, 1> classes(csv_column column, const std::vector<std::string>& names) const {
        std::map<std::string_view, std::int32_t> class_of;
        for (const std::string& name : names) class_of.emplace(name, static_cast<std::int32_t>(class_of.size()));
        const std::size_t number = number_of(column);
        tensor<std::int32_t, 1> labels(std::array<std::size_t, 1>{rows_});
        visit_fields({number}, [&](std::size_t row, std::size_t, const char* at) {
            const char* const end = text_.field_end(at);
            const std::string name = label(number, at, end);
            const auto known = class_of.find(name);
            if (known == class_of.end())
                fail(at, number, {detail::in_quotes(name), " is none of the ", names.size(), " classes"});
            labels(row) = known->second;
            return end;
        });
        return labels;
    }

    /// A column as it stands in the file, quotes left out.
    STRATA_OUT_OF_LINE std::vector<std::string> texts(csv_column column) const {
        std::vector<std::string> result(rows_);
        visit_fields({number_of(column)}, [&](std::size_t row, std::size_t, const char* at) {
            const char* const end = text_.field_end(at);
            result[row] = trimmed(text_.text_of(at, end), options_.trim);
            return end;
        });
        return result;
    }

private:
    // Numbers by value before texts; two of one value by their bytes.
    struct by_value {
        bool operator()(const std::string& a, const std::string& b) const {
            const bool numbers = is_number(a), numbers_too = is_number(b);
            if (numbers != numbers_too) return numbers;
            if (!numbers) return a < b;
            const double x = value_of(a), y = value_of(b);
            return x != y ? x < y : a < b;
        }
    };

    static double value_of(const std::string& text) {
        return detail::read_decimal(text.data(), text.data() + text.size()).value;
    }

    static bool is_number(const std::string& text) {
        const char* const last = text.data() + text.size();
        return !text.empty() && detail::read_decimal(text.data(), last).end == last;
    }

    static std::string trimmed(std::string text, bool trim) {
        constexpr std::string_view blanks = " \t";
        if (!trim) return text;
        text.erase(text.find_last_not_of(blanks) + 1);
        return text.erase(0, text.find_first_not_of(blanks));
    }

    static char checked_separator(const csv_options& options) {
        const char character = options.separator;
        const bool in_numbers = (character >= '0' && character <= '9') || (character >= 'A' && character <= 'Z') ||
                                (character >= 'a' && character <= 'z');
        if (in_numbers || std::string_view("\"+-.\r\n").find(character) != std::string_view::npos || character == '\0')
            raise<value_error>({"read_csv: the separator ", detail::in_quotes({&character, 1}),
                                " may be a part of a field (use a comma, a semicolon, a tab, …)"});
        return character;
    }

    STRATA_OUT_OF_LINE void read_header() {
        const char* at = text_.begin();
        for (std::size_t column = 0; column < columns_; ++column) {
            const char* const end = text_.field_end(at);
            names_.push_back(trimmed(text_.text_of(at, end), options_.trim));
            if (!number_of_name_.emplace(names_.back(), column).second)
                text_.fail(at, {"two columns are called ", detail::in_quotes(names_.back()),
                                " (rename one, or read the file without header)"});
            at = detail::csv_text::behind(end);
        }
    }

    [[noreturn]] STRATA_OUT_OF_LINE void refuse_ragged(const char* record, std::size_t fields) const {
        if (*record == '\n' || *record == '\r') text_.fail(record, {"an empty line (remove it)"});
        text_.fail(record, {columns_, columns_ == 1 ? " field" : " fields", " expected as in line 1, ", fields,
                            " found (is ", detail::in_quotes({&options_.separator, 1}),
                            " the separator? put fields with separators in quotes)"});
    }

    [[noreturn]] STRATA_OUT_OF_LINE void fail(const char* at, std::size_t column,
                                              std::initializer_list<text_piece> what) const {
        text_.fail(at, {"column ", column, names_.empty() ? std::string() : " " + detail::in_quotes(names_[column]),
                        ": ", concat(what)});
    }

    STRATA_OUT_OF_LINE std::size_t number_of(csv_column column) const {
        if (!column.has_name()) {
            if (column.number() < columns_) return column.number();
            text_.fail({"there is no column ", column.number(), ": the columns are 0 to ", columns_ - 1});
        }
        if (const auto found = number_of_name_.find(column.name()); found != number_of_name_.end())
            return found->second;
        std::string names;
        for (std::size_t i = 0; i < std::min<std::size_t>(names_.size(), 20); ++i)
            names += (i == 0 ? "there are " : ", ") + detail::in_quotes(names_[i]);
        if (names_.empty()) names = "without header columns have numbers, from 0";
        if (names_.size() > 20) names += ", …";
        text_.fail({"there is no column ", detail::in_quotes(column.name()), ": ", names});
    }

    template <class Columns> std::vector<std::size_t> numbers_of(const Columns& columns) const {
        std::vector<std::size_t> result;
        for (const auto& column : columns) result.push_back(number_of(column));
        return result;
    }

    /// Calls visit(row, place in `chosen`, the field's first character) for the chosen columns of all records;
    /// `visit` returns the field's end.
    template <class Visit> void visit_fields(const std::vector<std::size_t>& chosen, Visit visit) const {
        std::vector<std::pair<std::size_t, std::size_t>> in_file;  // column, place
        for (std::size_t place = 0; place < chosen.size(); ++place) in_file.emplace_back(chosen[place], place);
        std::sort(in_file.begin(), in_file.end());
        const auto twice = [](const auto& a, const auto& b) { return a.first == b.first; };
        if (const auto pair = std::adjacent_find(in_file.begin(), in_file.end(), twice); pair != in_file.end())
            raise<value_error>({"CsvTable: column ", pair->first, " was chosen twice"});
        const char* at = records_;
        for (std::size_t row = 0; row < rows_; ++row) {
            std::size_t column = 0;
            for (const auto& [wanted, place] : in_file) {
                for (; column < wanted; ++column) at = text_.behind(text_.field_end(at));
                at = text_.behind(visit(row, place, at));
                ++column;
            }
            for (; column < columns_; ++column) at = text_.behind(text_.field_end(at));
        }
    }

    template <class T> tensor<T, 2> read_numbers(const std::vector<std::size_t>& chosen) const {
        tensor<T, 2> result(std::array<std::size_t, 2>{rows_, chosen.size()});
        T* const values = result.data();
        constexpr auto largest = static_cast<double>(std::numeric_limits<T>::max());
        visit_fields(chosen, [&](std::size_t row, std::size_t place, const char* at) {
            T& value = values[row * chosen.size() + place];
            const auto read = detail::read_decimal(at, text_.end());
            if (read.end != nullptr && text_.ends_field(*read.end) && std::abs(read.value) <= largest &&
                !missing_numbers_) {
                value = static_cast<T>(read.value);
                return read.end;
            }
            const char* const end = text_.field_end(at);
            value = static_cast<T>(unusual_number(chosen[place], at, end, largest));
            return end;
        });
        return result;
    }

    bool is_missing(const std::string& text) const {
        return std::find(options_.missing.begin(), options_.missing.end(), text) != options_.missing.end();
    }

    /// A number with blanks or quotes around it, a missing one, or an error.
    STRATA_OUT_OF_LINE double unusual_number(std::size_t column, const char* at, const char* end,
                                             double largest) const {
        const std::string text = trimmed(text_.text_of(at, end), true);
        if (is_missing(text)) {
            if (options_.missing_as_nan) return std::numeric_limits<double>::quiet_NaN();
            fail(at, column,
                 {"the value is missing, ", detail::in_quotes(text),
                  " (fill it in, remove the line, or set missing_as_nan)"});
        }
        if (is_number(text)) {
            const double value = value_of(text);
            if (std::abs(value) <= largest) return value;
            fail(at, column, {detail::in_quotes(text), " is too large for this type of numbers"});
        }
        const bool negative = text.starts_with('-');
        const std::string word = text.substr(negative || text.starts_with('+') ? 1 : 0);
        if (options_.accept_infinity && (word == "inf" || word == "Inf" || word == "infinity" || word == "Infinity"))
            return negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
        fail(at, column,
             {"a number expected, ", detail::in_quotes(text),
              " found (correct it, leave the column out, or list the text in csv_options.missing)"});
    }

    /// The text of a label. Throws file_error where it is missing.
    std::string label(std::size_t column, const char* at, const char* end) const {
        std::string text = trimmed(text_.text_of(at, end), options_.trim);
        if (is_missing(text))
            fail(at, column, {"the label is missing, ", detail::in_quotes(text), " (remove the line)"});
        return text;
    }

    detail::csv_text text_;
    csv_options options_;
    const char* records_;
    std::size_t columns_ = 0;
    std::size_t rows_ = 0;
    bool missing_numbers_ = false;
    std::vector<std::string> names_;
    std::map<std::string, std::size_t, std::less<>> number_of_name_;
};

/// Reads a CSV table from any source of bytes; `read_csv` below is the usual way in.
[[nodiscard]] inline CsvTable parse_csv(detail::byte_source& source, const csv_options& options = {}) {
    return {source, options};
}

/// Reads a CSV file, plain or packed with gzip (RFC 4180; pandas: read_csv): fields may stand in quotes, in which a
/// quote is doubled and separators and line ends are text; lines end with LF or CR LF, the last one with nothing, too;
/// a byte order mark and empty lines at the end are skipped.
///
/// Throws file_error for a missing or empty file, lines with another number of fields than the first, quotes that do
/// not close, columns of one name, bytes of zero, damage, other formats and UTF-16; value_error for a separator that
/// may be a part of a number.
[[nodiscard]] inline CsvTable read_csv(const std::filesystem::path& path, const csv_options& options = {}) {
    const auto source = detail::open_unpacked(path);
    return parse_csv(*source, options);
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::csv_options;
using authoring::CsvTable;
using authoring::read_csv;
}  // namespace strata
