// The data sets that come as MNIST does, from files that are made here.
#include "strata/data/emnist.hpp"
#include "strata/data/mnist.hpp"

#include "support/catch.hpp"
#include "support/files.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

using namespace strata::authoring;
using test::big_endian;
using test::contains;

namespace {

std::string label_bytes(const std::string& bytes) {
    return std::string("\0\0\x8\1", 4) + big_endian<4>(bytes.size()) + bytes;
}

/// Images that are zero but for the pixel in row 3 and column 20, which is the image's number from 1 on.
std::string numbered_images(std::size_t count) {
    std::string bytes = std::string("\0\0\x8\3", 4) + big_endian<4>(count) + big_endian<4>(28) + big_endian<4>(28);
    for (std::size_t i = 1; i <= count; ++i) {
        std::string image(28 * 28, '\0');
        image[3 * 28 + 20] = static_cast<char>(i);
        bytes += image;
    }
    return bytes;
}

}  // namespace

TEST_CASE("Fashion-MNIST and KMNIST are read from files of MNIST's names") {
    const test::temporary_folder folder;
    folder.file("train-images-idx3-ubyte", numbered_images(3));
    folder.file("train-labels-idx1-ubyte", label_bytes("\1\2\x9"));
    folder.file("t10k-images-idx3-ubyte", numbered_images(1));
    folder.file("t10k-labels-idx1-ubyte", label_bytes("\4"));
    for (const image_data_set& data : {fashion_mnist::load(folder.path()), kmnist::load(folder.path())}) {
        CHECK(data.train.labels(2) == 9);
        CHECK(data.train.images(2, 3, 20, 0) == 3);
        CHECK(data.test.labels(0) == 4);
        CHECK(data.test.images.shape()[0] == 1);
    }
    CHECK(fashion_mnist::class_names[9] == "Ankle boot");
    CHECK(kmnist::class_names[9] == "wo");
    folder.file("t10k-labels-idx1-ubyte", label_bytes("\xa"));
    CHECK_THROWS_WITH(fashion_mnist::load(folder.path()),
                      contains("fashion_mnist: ") && contains("labels from 0 to 9 expected, label 0 is 10"));
}

TEST_CASE("EMNIST's images are turned upright, and labels begin at 0") {
    const test::temporary_folder folder;
    const auto store = [&](const std::string& split, const std::string& values) {
        for (const char* half : {"-train-", "-test-"}) {
            folder.file("emnist-" + split + half + "images-idx3-ubyte", numbered_images(values.size()));
            folder.file("emnist-" + split + half + "labels-idx1-ubyte", label_bytes(values));
        }
    };
    store("letters", "\1\x1a");
    const auto letters = emnist::load(folder.path(), emnist::Split::letters);
    CHECK(letters.train.images(1, 20, 3, 0) == 2);
    CHECK(letters.train.images(1, 3, 20, 0) == 0);
    CHECK(letters.train.labels(0) == 0);
    CHECK(letters.test.labels(1) == 25);
    CHECK(emnist::class_names(emnist::Split::letters)[25] == "Z");
    for (const char* values : {"\1\x1b", "\1\0x"}) {
        store("letters", std::string(values, 2));
        CHECK_THROWS_WITH(emnist::load(folder.path(), emnist::Split::letters),
                          contains("labels from 1 to 26 expected"));
    }
    store("balanced", "\x2e");
    CHECK(emnist::load(folder.path(), emnist::Split::balanced).test.labels(0) == 46);
    CHECK(emnist::class_names(emnist::Split::balanced)[46] == "t");
    CHECK(emnist::class_names(emnist::Split::balanced).size() == 47);
    CHECK(emnist::class_names(emnist::Split::byclass).size() == 62);
    CHECK(emnist::class_names(emnist::Split::digits).size() == 10);
    store("balanced", "\x2f");
    CHECK_THROWS_WITH(emnist::load(folder.path(), emnist::Split::balanced), contains("labels from 0 to 46 expected"));
    CHECK_THROWS_WITH(emnist::load(folder.path(), emnist::Split::byclass),
                      contains("emnist-byclass-train-labels-idx1-ubyte: no such file, neither plain nor .gz"));
}

TEST_CASE("rows are copied") {
    labelled_images all = labelled_images::of_size(4, {2, 1, 3});
    for (std::size_t i = 0; i < 24; ++i) all.images.data()[i] = static_cast<std::uint8_t>(i);
    for (std::size_t i = 0; i < 4; ++i) all.labels(i) = static_cast<std::uint8_t>(i);
    const labelled_images part = all.rows(1, 3);
    CHECK(part.labels.size() == 2);
    CHECK(part.labels(1) == 2);
    CHECK(part.images(1, 1, 0, 2) == 17);
    CHECK_THROWS_WITH(all.rows(3, 5), contains("samples 3 to 5 were asked for, there are 4"));
    CHECK_THROWS_AS(all.rows(3, 2), value_error);
}
