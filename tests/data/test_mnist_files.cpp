#include "strata/data/mnist_files.hpp"

#include "support/catch.hpp"
#include "support/files.hpp"
#include "support/gzip_packed.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

using namespace strata::authoring;
using test::big_endian;
using test::contains;
using test::gzip_packed;

namespace {

std::string digit_labels(const std::string& digits) {
    std::string bytes = std::string("\0\0\x8\1", 4) + big_endian<4>(digits.size());
    for (const char digit : digits) bytes += static_cast<char>(digit - '0');
    return bytes;
}

std::string equal_images(std::size_t count, unsigned rows = 28, unsigned columns = 28) {
    return std::string("\0\0\x8\3", 4) + big_endian<4>(count) + big_endian<4>(rows) + big_endian<4>(columns) +
           std::string(count * rows * columns, 'p');
}

/// The folder with the real files, in the source tree.
const std::filesystem::path real_folder = std::filesystem::path(STRATA_TEST_DATA_DIR) / ".." / ".." / "data" / "mnist";

/// Sets STRATA_MNIST_DIR and the working folder, and puts both back.
class surroundings {
public:
    surroundings(const char* variable, const std::filesystem::path& working) {
        if (const char* old = std::getenv("STRATA_MNIST_DIR")) variable_ = old;
        variable == nullptr ? ::unsetenv("STRATA_MNIST_DIR") : ::setenv("STRATA_MNIST_DIR", variable, 1);
        std::filesystem::current_path(working);
    }
    ~surroundings() {
        variable_.empty() ? ::unsetenv("STRATA_MNIST_DIR") : ::setenv("STRATA_MNIST_DIR", variable_.c_str(), 1);
        std::filesystem::current_path(working_);
    }
    surroundings(const surroundings&) = delete;
    surroundings& operator=(const surroundings&) = delete;

private:
    std::string variable_;
    std::filesystem::path working_ = std::filesystem::current_path();
};

std::uint64_t checksum(const std::vector<std::uint8_t>& bytes) {
    return ::crc32(0, bytes.data(), static_cast<uInt>(bytes.size()));
}

std::array<std::size_t, 10> per_digit(const std::vector<std::uint8_t>& digits) {
    std::array<std::size_t, 10> counts{};
    for (const std::uint8_t digit : digits) ++counts.at(digit);
    return counts;
}

}  // namespace

TEST_CASE("the real MNIST is read, bit for bit") {
    const idx_split train = read_mnist_split(real_folder, "train");
    CHECK(train.count == 60000);
    CHECK(train.images.size() == 60000 * 28 * 28);
    CHECK(per_digit(train.labels) ==
          std::array<std::size_t, 10>{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949});
    CHECK(std::vector<std::uint8_t>(train.labels.begin(), train.labels.begin() + 10) ==
          std::vector<std::uint8_t>{5, 0, 4, 1, 9, 2, 1, 3, 1, 4});
    CHECK(checksum(train.labels) == 0xba07e8ef);
    CHECK(checksum(train.images) == 0xf3639b56);

    const idx_split test = read_mnist_split(real_folder, "t10k");
    CHECK(test.count == 10000);
    CHECK(per_digit(test.labels) == std::array<std::size_t, 10>{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009});
    CHECK(checksum(test.labels) == 0xee8604d9);
    CHECK(checksum(test.images) == 0xe4ca5f57);
}

TEST_CASE("read_mnist_split takes the files under each of their names") {
    for (const char* joint : {"-", "."}) {
        for (const bool packed : {false, true}) {
            const test::temporary_folder folder;
            const auto store = [&](const std::string& name, const std::string& bytes) {
                folder.file(name + "-ubyte" + (packed ? ".gz" : ""), packed ? gzip_packed(bytes) : bytes);
            };
            store(std::string("t10k-images") + joint + "idx3", equal_images(3));
            store(std::string("t10k-labels") + joint + "idx1", digit_labels("790"));
            INFO(joint << packed);
            const idx_split split = read_mnist_split(folder.path(), "t10k");
            CHECK(split.count == 3);
            CHECK(split.labels == std::vector<std::uint8_t>{7, 9, 0});
            CHECK(split.images == std::vector<std::uint8_t>(3 * 784, 'p'));
            CHECK_THROWS_WITH(read_mnist_split(folder.path(), "train"),
                              contains("train-labels-idx1-ubyte: no such file, neither plain nor .gz"));
        }
    }
}

TEST_CASE("MNIST files that do not fit are refused") {
    struct row {
        const char* name;
        std::string images;
        std::string labels;
        const char* message;
    };
    const std::vector<row> rows{
        {"fewer images than labels", equal_images(2), digit_labels("123"),
         "3 images expected, as many as train-labels-idx1-ubyte"},
        {"more images than labels", equal_images(4), digit_labels("123"), "4 found"},
        {"27 rows", equal_images(3, 27, 28), digit_labels("123"), "axis 1 of the images: extent 28 expected, 27 found"},
        {"29 columns", equal_images(3, 28, 29), digit_labels("123"),
         "axis 2 of the images: extent 28 expected, 29 found"},
        {"a label of 10", equal_images(3), digit_labels("12:"), "labels from 0 to 9 expected, label 2 is 10"},
        {"labels in place of images", digit_labels("123"), digit_labels("123"),
         "rank 3 expected for images, rank 1 found"},
        {"images in place of labels", equal_images(3), equal_images(3), "rank 1 expected for labels, rank 3 found"},
        {"short images", equal_images(3).substr(0, 2000), digit_labels("123"),
         "3 images expected, file ends after 2000 bytes"},
        {"short labels", equal_images(3), digit_labels("123").substr(0, 10),
         "3 labels expected, file ends after 10 bytes"},
        {"a byte after the images", equal_images(3) + "x", digit_labels("123"),
         "1 byte follows where the data should end"},
    };
    const test::temporary_folder folder;
    folder.file("train-images-idx3-ubyte", equal_images(3));
    folder.file("train-labels-idx1-ubyte", digit_labels("123"));
    REQUIRE_NOTHROW(read_mnist_split(folder.path(), "train"));
    for (const row& wrong : rows) {
        INFO(wrong.name);
        folder.file("train-images-idx3-ubyte", wrong.images);
        folder.file("train-labels-idx1-ubyte", wrong.labels);
        CHECK_THROWS_AS(read_mnist_split(folder.path(), "train"), file_error);
        CHECK_THROWS_WITH(read_mnist_split(folder.path(), "train"), contains(wrong.message) && contains("mnist: "));
    }
}

TEST_CASE("mnist_folder looks where it says, in that order") {
    const test::temporary_folder folder;
    const auto place = [&](const std::string& name) {
        const auto path = folder.path() / name;
        std::filesystem::create_directories(path);
        folder.file(name + "/train-images-idx3-ubyte", equal_images(0));
        folder.file(name + "/train-labels-idx1-ubyte", digit_labels(""));
        return std::filesystem::canonical(path);
    };
    const auto given = place("given");
    const auto in_variable = place("variable");
    const auto below = place("project/data/mnist");
    const auto build = folder.path() / "project" / "build" / "debug";
    std::filesystem::create_directories(build);
    {
        const surroundings all(in_variable.c_str(), build);
        CHECK(mnist_folder(given) == given);
        CHECK(mnist_folder() == in_variable);
        CHECK_THROWS_WITH(mnist_folder(build), contains("mnist: " + build.string() + ": the files train-images"));
    }
    {
        const surroundings no_variable(nullptr, build);
        CHECK(mnist_folder() == below);
    }
    {
        // Whoever names a folder means that one: no other takes its place.
        const surroundings wrong_variable(build.c_str(), build);
        CHECK_THROWS_WITH(mnist_folder(), contains("which the environment variable STRATA_MNIST_DIR names"));
    }
#ifndef STRATA_MNIST_DIR
    const surroundings nothing(nullptr, folder.path());
    CHECK_THROWS_WITH(mnist_folder(), contains("MNIST's four files were not found; looked in ") &&
                                          contains("set the environment variable STRATA_MNIST_DIR"));
#else
    const surroundings nothing(nullptr, folder.path());
    CHECK(mnist_folder() == std::filesystem::path(STRATA_MNIST_DIR));
#endif
}
