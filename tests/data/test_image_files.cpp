#include "strata/data/images/image_files.hpp"

#include "strata/io/npz.hpp"

#include "support/catch.hpp"
#include "support/files.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <system_error>
#include <vector>

using namespace strata::authoring;
using test::contains;

namespace {

const std::filesystem::path images = std::filesystem::path(STRATA_TEST_DATA_DIR) / "images";

detail::decoded_image decode(const std::string& bytes, std::uint64_t max_pixels = 1000) {
    if (detail::is_png(test::as_bytes(bytes))) return detail::decode_png(test::as_bytes(bytes), max_pixels, "a.png");
    return detail::decode_jpeg(test::as_bytes(bytes), false, max_pixels, "a.jpg");
}

/// The largest difference between arrays of the same size.
template <class A, class B> int distance(const A& a, const B& b) {
    REQUIRE(a.size() == b.size());
    int most = 0;
    for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(int{a.data()[i]} - int{b.data()[i]}));
    return most;
}

}  // namespace

TEST_CASE("image_folder reads all images in Keras' order, as Pillow decodes them") {
    const NpzFile expected = load_npz(images / "expected.npz");
    const auto [pixels, labels, names] = image_folder(images / "pets", {.height = 9, .width = 11});
    CHECK(names == std::vector<std::string>{"cats", "dogs"});
    CHECK(std::vector<std::int32_t>(labels.begin(), labels.end()) ==
          std::vector<std::int32_t>{0, 0, 0, 0, 0, 1, 1, 1, 1});
    CHECK(shape_text(array_ref(pixels).shape()) == "(9, 9, 11, 3)");
    CHECK(distance(pixels, expected.array<std::uint8_t>("rgb")) <= 1);  // of JPEG: Pillow brings a libjpeg of its own
    const auto gray = image_folder(images / "pets", {.height = 9, .width = 11, .channels = 1});
    CHECK(distance(gray.images, expected.array<std::uint8_t>("gray")) <= 1);

    const image_files files(images / "pets", {.height = 9, .width = 11, .channels = 4});
    CHECK(files.samples() == 9);
    CHECK(files.path(4).filename() == "gray16.PNG");
    CHECK(files.label(5) == 1);
    std::vector<std::uint8_t> one(9 * 11 * 4);
    std::int32_t label = 7;
    files.read(8, one, {&label, 1});
    CHECK(label == 1);
    CHECK(distance(one, expected.array<std::uint8_t>("rgba")) == 0);
    files.read(1, one);
    CHECK(one[3] == 255);
    CHECK_THROWS_AS(files.read(9, one), value_error);
    CHECK_THROWS_AS(files.read(0, std::span(one).first(395)), value_error);
}

TEST_CASE("PNG is decoded exactly") {
    const auto expected = load_npz(images / "expected.npz").array<std::uint8_t>("rgb");
    std::size_t index = 0;
    for (const char* name : {"1.png", "", "interlaced.png", "more/gray1.png", "more/gray16.PNG"}) {
        INFO(name);
        const std::size_t i = index++;
        if (*name == '\0') continue;
        auto image = decode(test::contents(images / "pets" / "cats" / name));
        detail::set_channels(image, 3);
        CHECK(std::equal(image.pixels.begin(), image.pixels.end(), expected.data() + i * 297));
    }
}

TEST_CASE("images are resized as Keras does") {
    const NpzFile expected = load_npz(images / "expected.npz");
    auto image = decode(test::contents(images / "pets/cats/1.png"));
    detail::set_channels(image, 3);
    for (const char* name : {"up", "down", "mixed"}) {
        INFO(name);
        const auto wanted = expected.array<float>(name);
        std::vector<std::uint8_t> found(wanted.size());
        detail::resize_bilinear(image, wanted.shape()[0], wanted.shape()[1], found);
        float most = 0;
        for (std::size_t i = 0; i < found.size(); ++i)
            most = std::max(most, std::abs(static_cast<float>(found[i]) - wanted.data()[i]));
        CHECK(most <= 0.501F);  // rounded to the nearest byte
    }
}

TEST_CASE("damaged images are refused, wherever they end") {
    for (const char* name : {"cats/1.png", "cats/interlaced.png", "dogs/baseline.jpg", "dogs/progressive.JPEG"}) {
        const std::string whole = test::contents(images / "pets" / name);
        REQUIRE_NOTHROW(decode(whole));
        for (std::size_t size = 8; size < whole.size() - 2; size += 7) {
            INFO(name << " " << size);
            CHECK_THROWS_AS(decode(whole.substr(0, size)), file_error);
        }
    }
    std::string png = test::contents(images / "pets/cats/1.png");
    CHECK_THROWS_WITH(decode(png.substr(0, 100)), contains("a.png: a damaged PNG image: \"the file ends early\""));
    png[60] ^= 1;
    CHECK_THROWS_WITH(decode(png), contains("a damaged PNG image"));
    std::string jpeg = test::contents(images / "pets/dogs/baseline.jpg");
    CHECK_THROWS_WITH(decode(jpeg.substr(0, 640)), contains("a.jpg: a damaged JPEG image: \"Premature end of JPEG"));
    CHECK_THROWS_WITH(decode(test::contents(images / "cmyk.jpg")), contains("printers' colours (CMYK)"));
}

TEST_CASE("a JPEG image of very many scans is refused") {
    std::string jpeg = test::contents(images / "pets/dogs/progressive.JPEG");
    const auto scan = jpeg.find("\xff\xda");
    auto end = scan + 2;
    while (jpeg[end] != '\xff' || jpeg[end + 1] == 0) ++end;
    const std::string first = jpeg.substr(scan, end - scan);
    for (int i = 0; i < 100; ++i) jpeg.insert(scan, first);
    CHECK_NOTHROW(decode(jpeg));
    for (int i = 0; i < 100; ++i) jpeg.insert(scan, first);
    CHECK_THROWS_WITH(decode(jpeg), contains("more than 200 scans"));
}

TEST_CASE("the size of an image is checked before it is decoded") {
    for (const char* name : {"cats/1.png", "dogs/baseline.jpg"}) {
        const std::string whole = test::contents(images / "pets" / name);
        CHECK_NOTHROW(decode(whole, 99));
        CHECK_THROWS_WITH(decode(whole, 98), contains("the image has 9x11 pixels, at most 98 are allowed"));
    }
    std::string jpeg = test::contents(images / "pets/dogs/baseline.jpg");
    const auto frame = jpeg.find("\xff\xc0");
    jpeg.replace(frame + 5, 4, "\xff\xdc\xff\xdc");  // 65500x65500
    CHECK_THROWS_WITH(decode(jpeg, 1ULL << 26U), contains("the image has 65500x65500 pixels"));

    // A file of a terabyte that takes no room on the disk is refused before it is read.
    const test::temporary_folder folder;
    std::filesystem::create_directories(folder.path() / "cats");
    std::ofstream(folder.path() / "cats" / "1.png");
    std::error_code unsupported;
    std::filesystem::resize_file(folder.path() / "cats" / "1.png", 1ULL << 40U, unsupported);
    std::vector<std::uint8_t> pixels(3);
    const image_files files(folder.path(), {.height = 1, .width = 1});
    if (!unsupported) CHECK_THROWS_WITH(files.read(0, pixels), contains("has at most 1074790400 (raise max_pixels)"));
}

TEST_CASE("folders that hold no classes or lead elsewhere are refused") {
    const test::temporary_folder folder, elsewhere;
    const auto refused = [&](const char* message, const image_options& options = {}) {
        CHECK_THROWS_WITH(image_files(folder.path(), options), contains(message));
    };
    CHECK_THROWS_WITH(image_files(folder.path() / "none"), contains("none: a folder expected"));
    CHECK_THROWS_AS(image_files(folder.path(), {.height = 0}), value_error);
    CHECK_THROWS_AS(image_files(folder.path(), {.channels = 2}), value_error);
    folder.file("1.png", "in no class");
    refused("no subfolders, one for each class");
    std::filesystem::create_directory(folder.path() / "a");
    std::filesystem::create_directory(folder.path() / "b");
    refused("no .png, .jpg or .jpeg files in its subfolders");
    folder.file("b/1.png", "text");
    const image_files files(folder.path(), {.height = 2, .width = 2});
    CHECK(files.class_names() == std::vector<std::string>{"a", "b"});
    CHECK(files.label(0) == 1);
    std::vector<std::uint8_t> pixels(12);
    CHECK_THROWS_WITH(files.read(0, pixels), contains("b/1.png: a PNG or JPEG image expected"));

    const auto link = folder.path() / "a" / "2.jpg";
    std::filesystem::create_symlink(folder.path() / "b" / "1.png", link);
    CHECK(image_files(folder.path()).samples() == 2);
    std::filesystem::remove(link);
    std::filesystem::create_symlink(elsewhere.file("x.jpg", "secret"), link);
    refused("a/2.jpg: a symbolic link that leads out of the folder");
    CHECK(image_files(folder.path(), {.follow_links = true}).samples() == 2);
    std::filesystem::remove(link);
    std::filesystem::create_symlink("2.jpg", link);  // to itself
    refused("a/2.jpg: a symbolic link that leads out of the folder");
    std::filesystem::remove(link);
    std::filesystem::create_symlink("loop", folder.path() / "loop");
    CHECK(image_files(folder.path()).class_names() == std::vector<std::string>{"a", "b"});
    std::filesystem::create_directory_symlink(elsewhere.path(), folder.path() / "c");
    refused("c: a symbolic link that leads out of the folder");
}
