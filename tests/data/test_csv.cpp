#include "strata/data/csv.hpp"

#include "support/catch.hpp"
#include "support/files.hpp"

#include <clocale>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <vector>

using namespace strata::authoring;
using test::contains;

namespace {

CsvTable parse(const std::string& bytes, const csv_options& options = {}) {
    detail::memory_source source(test::as_bytes(bytes), "table.csv");
    return parse_csv(source, options);
}

/// The values of an array, in row-major order.
template <class T, std::size_t Rank> std::vector<T> list(const tensor<T, Rank>& array) {
    return {array.begin(), array.end()};
}

/// The values of a table's columns, one record after the other.
std::vector<double> values(const CsvTable& table) { return list(table.numbers<double>()); }

const std::string wine = "alcohol,kind,ash\n14.2,red,2.43\n13.2,white,2.14\n12.5,red,1e-2\n";

}  // namespace

TEST_CASE("read_csv gives columns by name and by number") {
    const test::temporary_folder folder;
    const CsvTable table = read_csv(folder.file("wine.csv", wine));
    CHECK(table.rows() == 3);
    CHECK(table.columns() == std::vector<std::string>{"alcohol", "kind", "ash"});
    const tensor<float, 2> x = table.numbers<float>({"ash", "alcohol"});
    CHECK((x.shape(0) == 3 && x.shape(1) == 2));
    CHECK(list(x) == std::vector{2.43f, 14.2f, 2.14f, 13.2f, 0.01f, 12.5f});
    CHECK(list(table.numbers<double>({0})) == std::vector{14.2, 13.2, 12.5});
    CHECK(list(table.numbers<float>(table.columns_except({"kind"}))) == list(table.numbers<float>({0, 2})));
    CHECK(list(table.numbers<float>(std::vector<std::string>{"ash"})) == list(table.numbers<float>({2})));
    CHECK(table.texts("kind") == std::vector<std::string>{"red", "white", "red"});
    const auto [labels, names] = table.classes("kind");
    CHECK(list(labels) == std::vector<std::int32_t>{0, 1, 0});
    CHECK(names == std::vector<std::string>{"red", "white"});
}

TEST_CASE("a table can do without header, and have another separator") {
    const CsvTable table = parse("1\t2\n3\t4", {.separator = '\t', .header = false});
    CHECK(table.columns().empty());
    CHECK(table.column_count() == 2);
    CHECK(values(table) == std::vector<double>{1, 2, 3, 4});
    CHECK(values(parse("a;b\n1;2\n", {.separator = ';'})) == std::vector<double>{1, 2});
    CHECK(parse("a,b\n").numbers<float>().shape(0) == 0);
}

TEST_CASE("quotes, line ends and marks are those of RFC 4180") {
    struct row {
        std::string bytes;
        std::vector<std::string> texts;  // of the last column of a file without header
    };
    for (const row& legal : std::initializer_list<row>{{"a\nb", {"a", "b"}},
                                                       {"a\r\nb\r\n", {"a", "b"}},
                                                       {"a\nb\n\n\r\n\n", {"a", "b"}},
                                                       {"\xef\xbb\xbf"
                                                        "a\n",
                                                        {"a"}},
                                                       {"1,\"a\nb\"\n2,c", {"a\nb", "c"}},
                                                       {"1,\"a,b\"\r\n2,c\r\n", {"a,b", "c"}},
                                                       {"1,\"a \"\"b\"\"\"\n", {"a \"b\""}},
                                                       {"\"\"\"\",\"\"\n\"\"\"\"\"\",\"\r\n\r\"\n", {"", "\r\n\r"}},
                                                       {"1,\n,", {"", ""}},
                                                       {"a\n\nb\n", {"a", "", "b"}},
                                                       {"\"a\n\"", {"a\n"}},
                                                       {"a b , c ", {" c "}}}) {
        INFO(legal.bytes);
        const CsvTable table = parse(legal.bytes, {.header = false});
        CHECK(table.texts(table.column_count() - 1) == legal.texts);
    }
    CHECK(parse("a, b \n1, c ", {.trim = true}).texts("b") == std::vector<std::string>{"c"});
    CHECK(values(parse("\"a,b\",\"c\"\"d\"\n 1.5\t,\"2\"\n+3, -4 \r\n")) == std::vector<double>{1.5, 2, 3, -4});
}

TEST_CASE("malformed CSV files are refused") {
    struct row {
        std::string bytes;
        const char* message;
    };
    const std::initializer_list<row> rows{
        {"", "table.csv: the file is empty (give one with lines in it)"},
        {"\n\r\n", "the file is empty"},
        {"\xef\xbb\xbf", "the file is empty"},
        {"a,b\n1,2\n3\n", "table.csv: line 3: 2 fields expected as in line 1, 1 found"},
        {"a,b\n1,2,3\n", "line 2: 2 fields expected as in line 1, 3 found (is \",\" the separator?"},
        {"a,b\n\n1,2\n", "line 2: an empty line (remove it)"},
        {"a,b\n\"1\n1\",2\n3", "line 4: 2 fields expected"},
        {"a\n\"b", "line 2: a quote opens a field and none closes it"},
        {"a\n\"b\"\"\n\n", "line 2: a quote opens a field and none closes it"},
        {"a\n\"", "line 2: a quote opens a field and none closes it"},
        {"a\n\"b\"c\n", "line 2: text behind the quote that closes a field"},
        {"a\nb\"c\"\n", "line 2: a quote inside of a field without quotes"},
        {"a\rb\r", "line 1: a carriage return without a line feed"},
        {"a\nb\r", "line 2: a carriage return without a line feed"},
        {"a\nb\r\r\n", "line 2: a carriage return without a line feed"},
        {"a,b\n\"1\",2\r3\n", "line 2: a carriage return without a line feed"},
        {std::string("a\n1\n\0\n", 6), "line 3: a byte of zero"},
        {"\xff\xfe"
         "a",
         "the text is in UTF-16 (save it as UTF-8)"},
        {"PK\3\4xl", "a CSV file expected, this is a zip archive"},
        {"\x1f\x8b\x08", "a CSV file expected, this is packed with gzip (unpack it"},
        {"a,b,a\n", "line 1: two columns are called \"a\" (rename one, or read the file without header)"},
    };
    for (const row& malformed : rows) {
        INFO(malformed.message);
        CHECK_THROWS_AS(parse(malformed.bytes), file_error);
        CHECK_THROWS_WITH(parse(malformed.bytes), contains(malformed.message) && contains("table.csv: "));
    }
    CHECK_THROWS_WITH(read_csv("/nowhere/table.csv"), contains("/nowhere/table.csv: no such file"));
    for (const char separator : {'"', '\n', '\0', '.', '-', 'e', '7'})
        CHECK_THROWS_AS(parse("a\n", {.separator = separator}), value_error);
}

TEST_CASE("a field that is no number is refused with its line and column") {
    struct row {
        const char* field;
        const char* message;
    };
    for (const row& bad : std::initializer_list<row>{
             {"x", "table.csv: line 4: column 1 \"ash\": a number expected, \"x\" found"},
             {"1.5x", "a number expected, \"1.5x\" found"},
             {"1 2", "a number expected, \"1 2\" found"},
             {"1.2.3", "a number expected"},
             {"0x10", "a number expected"},
             {"1e", "a number expected"},
             {"--1", "a number expected"},
             {"\"1,5\"", "a number expected, \"1,5\" found"},
             {"inf", "a number expected, \"inf\" found"},
             {"-Infinity", "a number expected"},
             {"\x1b[31m", "\"\\x1b[31m\""},
             {"1e400", "\"1e400\" is too large for this type"},
             {"-1e39", "\"-1e39\" is too large for this type"},
             {"", "the value is missing, \"\" (fill it in, remove the line, or set missing_as_nan)"},
             {"\"\"", "the value is missing, \"\""},
             {" NA ", "the value is missing, \"NA\""},
             {"nan", "the value is missing, \"nan\""}}) {
        INFO(bad.field);
        const CsvTable table = parse(std::string("name,ash\n\"a\nb\",1\nc,") + bad.field + "\nd,2\n");
        CHECK_THROWS_AS(table.numbers<float>({"ash"}), file_error);
        CHECK_THROWS_WITH(table.numbers<float>({"ash"}), contains(bad.message) && contains("line 4: column 1 \"ash\""));
    }
    CHECK(values(parse("a\n-1e39\n")) == std::vector<double>{-1e39});
    CHECK_THROWS_WITH(parse("x\n", {.header = false}).numbers<float>(),
                      contains("line 1: column 0: a number expected"));
}

TEST_CASE("missing values are NaN, and infinities are read, where that is asked for") {
    const csv_options options{.missing = {"?", "-999"}, .missing_as_nan = true, .accept_infinity = true};
    const auto x = values(parse("a\n?\n-999\n-998\n\"?\"\ninf\n-Infinity\n", options));
    CHECK((std::isnan(x[0]) && std::isnan(x[1]) && x[2] == -998 && std::isnan(x[3])));
    CHECK((x[4] == std::numeric_limits<double>::infinity() && x[5] == -x[4]));
    CHECK_THROWS_WITH(parse("a\nNA\n", options).numbers<float>(), contains("a number expected, \"NA\" found"));
}

TEST_CASE("unknown columns are refused, and known ones listed") {
    const CsvTable table = parse(wine);
    CHECK_THROWS_WITH(table.numbers<float>({"ash", "Alcohol"}),
                      "table.csv: there is no column \"Alcohol\": there are \"alcohol\", \"kind\", \"ash\"");
    CHECK_THROWS_WITH(table.texts(3), contains("there is no column 3: the columns are 0 to 2"));
    CHECK_THROWS_AS(table.texts(-2), file_error);
    CHECK_THROWS_AS(table.numbers<float>({"ash", "ash"}), value_error);
    CHECK_THROWS_WITH(parse("1", {.header = false}).texts("a"),
                      contains("without header columns have numbers, from 0"));
}

TEST_CASE("classes are numbered in the order of their labels") {
    const auto [texts, names] = parse("k\nb\n10\na\n2\nB\n").classes("k");
    CHECK(names == std::vector<std::string>{"10", "2", "B", "a", "b"});
    CHECK(list(texts) == std::vector<std::int32_t>{4, 0, 3, 1, 2});
    const auto [numbers, digits] = parse("k\n10\n9\n-1\n\"9\"\n").classes("k");
    CHECK(digits == std::vector<std::string>{"-1", "9", "10"});
    CHECK(list(numbers) == std::vector<std::int32_t>{2, 1, 0, 1});
    CHECK(list(parse("k\nred\nblue\n").classes("k", {"red", "green", "blue"})) == std::vector<std::int32_t>{0, 2});
    CHECK_THROWS_WITH(parse(wine).classes("kind", {"red"}),
                      contains("line 3: column 1 \"kind\": \"white\" is none of the 1 classes"));
    CHECK_THROWS_WITH(parse("a,k\n1,\n").classes("k"), contains("line 2: column 1 \"k\": the label is missing"));
}

TEST_CASE("numbers of a CSV file are read in the same way in every locale") {
    const std::string before = std::setlocale(LC_NUMERIC, nullptr);
    for (const char* name : {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "fr_FR"}) {
        if (std::setlocale(LC_NUMERIC, name) != nullptr) break;
    }
    const auto read = values(parse("a\n1.5\n0.12345678901234567\n1e-310\n"));
    std::setlocale(LC_NUMERIC, before.c_str());
    CHECK(read == std::vector<double>{1.5, 0.12345678901234567, 1e-310});
}
