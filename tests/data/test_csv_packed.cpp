#include "strata/data/csv.hpp"

#include "support/catch.hpp"
#include "support/files.hpp"
#include "support/gzip_packed.hpp"

#include <cstddef>
#include <string>

using namespace strata::authoring;
using test::contains;
using test::gzip_packed;

TEST_CASE("read_csv reads files that are packed with gzip") {
    const test::temporary_folder folder;
    const CsvTable small = read_csv(folder.file("a.csv.gz", gzip_packed("x,y\n1,2\n3,4\n")));
    CHECK(small.columns().size() == 2);
    CHECK(small.numbers<float>()(1, 1) == 4);

    std::string lines = "number\n";  // more than the first room for them
    for (int i = 0; i < 400'000; ++i) lines += std::to_string(i % 100'000) + "\n";
    const auto path = folder.file("b.csv.gz", gzip_packed(lines));
    const auto numbers = read_csv(path).numbers<float>();
    REQUIRE(numbers.size() == 400'000);
    bool right = true;
    for (std::size_t i = 0; i < numbers.size(); ++i) right = right && numbers(i, 0) == static_cast<float>(i % 100'000);
    CHECK(right);

    CHECK_NOTHROW(read_csv(path, {.max_unpacked = lines.size()}));
    CHECK_THROWS_WITH(read_csv(path, {.max_unpacked = lines.size() - 1}),
                      contains("b.csv.gz: unpacks to more than " + std::to_string(lines.size() - 1) + " bytes"));
    CHECK_THROWS_WITH(read_csv(path, {.max_unpacked = 10}), contains("unpacks to more than 10 bytes"));
}

TEST_CASE("damaged packed CSV files are refused") {
    const test::temporary_folder folder;
    const std::string packed = gzip_packed("x,y\n1,2\n3,4\n");
    const auto refused = [&](const std::string& bytes, const char* message) {
        CHECK_THROWS_WITH(read_csv(folder.file("a.csv.gz", bytes)), contains(message) && contains("a.csv.gz: "));
    };
    refused(packed.substr(0, packed.size() - 9), "the gzip stream ends early");
    refused(packed + "x", "1 byte follows the gzip stream");
    std::string wrong = packed;
    wrong[packed.size() - 6] ^= 1;
    refused(wrong, "gzip data damaged");
    refused(gzip_packed(""), "the file is empty");
    refused(gzip_packed(gzip_packed("x")), "this is packed with gzip (unpack it");
}
