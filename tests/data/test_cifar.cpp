#include "strata/data/cifar.hpp"

#include "support/catch.hpp"
#include "support/files.hpp"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>

using namespace strata::authoring;
using test::contains;

namespace {

/// Labels, then the planes of an image: red is 1, green 2, blue 3; the first pixel's red is `first`.
std::string record(const std::string& labels, char first) {
    std::string bytes = labels + std::string(1024, 1) + std::string(1024, 2) + std::string(1024, 3);
    bytes[labels.size()] = first;
    return bytes;
}

}  // namespace

TEST_CASE("CIFAR-10 is read with the channels last") {
    const test::temporary_folder folder;
    const auto fill = [&](const std::string& place) {
        std::filesystem::create_directories(folder.path() / place);
        for (int i = 1; i <= 5; ++i)
            folder.file(place + "/data_batch_" + std::to_string(i) + ".bin",
                        record(std::string(1, static_cast<char>(i)), static_cast<char>(10 * i)) + record("\x9", 99));
        folder.file(place + "/test_batch.bin", record("\7", 77) + record(std::string(1, '\0'), 78));
    };
    fill(".");
    fill("above/cifar-10-batches-bin");
    for (const auto& place : {folder.path(), folder.path() / "above"}) {
        const image_data_set data = detail::load_cifar10(place, 2);
        CHECK(shape_text(array_ref(data.train.images).shape()) == "(10, 32, 32, 3)");
        CHECK(data.train.labels(4) == 3);
        CHECK(data.train.labels(5) == 9);
        CHECK(data.train.images(4, 0, 0, 0) == 30);
        CHECK(data.train.images(4, 0, 0, 1) == 2);
        CHECK(data.train.images(4, 0, 1, 0) == 1);
        CHECK(data.train.images(4, 31, 31, 2) == 3);
        CHECK(data.test.labels(1) == 0);
        CHECK(data.test.images(1, 0, 0, 0) == 78);
    }
    CHECK(cifar10::class_names[9] == "truck");

    CHECK_THROWS_WITH(
        cifar10::load(folder.path()),
        contains("cifar10: ") && contains("data_batch_1.bin: 10000 images in 30730000 bytes expected, the "
                                          "file has 6146"));
    const auto refused = [&](const std::string& bytes, const char* message) {
        folder.file("data_batch_3.bin", bytes);
        CHECK_THROWS_AS(detail::load_cifar10(folder.path(), 2), file_error);
        CHECK_THROWS_WITH(detail::load_cifar10(folder.path(), 2), contains(message) && contains("data_batch_3.bin: "));
    };
    refused(record("\1", 1), "2 images in 6146 bytes expected, the file has 3073 (truncated");
    refused(record("\1", 1) + record("\1", 1) + "x", "the file has 6147");
    refused("", "the file has 0");
    refused(record("\1", 1) + record("\xa", 1), "labels from 0 to 9 expected, that of image 1 is 10");
    std::filesystem::remove(folder.path() / "data_batch_3.bin");
    CHECK_THROWS_WITH(detail::load_cifar10(folder.path(), 2), contains("data_batch_3.bin: no such file"));
}

TEST_CASE("CIFAR-100 has two labels for each image") {
    const test::temporary_folder folder;
    folder.file("train.bin", record("\x13\x63", 5) + record("\1\2", 6));
    folder.file("test.bin", record("\3\4", 7));
    const image_data_set fine = detail::load_cifar100(folder.path(), true, 2, 1);
    CHECK(fine.train.labels(0) == 99);
    CHECK(fine.train.images(1, 0, 0, 0) == 6);
    CHECK(fine.test.labels(0) == 4);
    const image_data_set coarse = detail::load_cifar100(folder.path(), false, 2, 1);
    CHECK(coarse.train.labels(0) == 19);
    CHECK(coarse.test.labels(0) == 3);
    CHECK(std::is_sorted(cifar100::fine_names.begin(), cifar100::fine_names.end()));
    CHECK(cifar100::fine_names.back() == "worm");
    CHECK(cifar100::coarse_names.back() == "vehicles_2");
    CHECK_THROWS_WITH(cifar100::load(folder.path()), contains("50000 images in 153700000 bytes expected"));
    folder.file("test.bin", record("\x14\4", 7));
    CHECK_THROWS_WITH(detail::load_cifar100(folder.path(), true, 2, 1),
                      contains("coarse labels from 0 to 19 expected"));
    folder.file("test.bin", record("\1\x64", 7));
    CHECK_THROWS_WITH(detail::load_cifar100(folder.path(), false, 2, 1), contains("fine labels from 0 to 99 expected"));
}
