#include "strata/layers/conv2d.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/pooling2d.hpp"
#include "strata/layers/reshape.hpp"
#include "strata/onnx/convolutions.hpp"
#include "strata/onnx/dense.hpp"
#include "strata/onnx/save_onnx.hpp"
#include "strata/onnx/shapes.hpp"

#include "support/catch.hpp"
#include "support/files.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

// The exchange test has ONNX Runtime compute what strata does, for each kind of layer; here is what it cannot see.

using namespace strata::authoring;

namespace {

static_assert(has_onnx_form<Conv2D<16, Kernel<5>>> && !has_onnx_form<Conv2D<16, Connections<lenet5_connections>>>);

using Small =
    Sequential<Input<4, 4, 1>, Conv2D<2, Kernel<2>, ReLU>, MaxPooling2D<>, Flatten, Dense<3>, Dense<2, Softmax>>;

template <class Model = Small> Model small_model() {
    Model model;
    std::size_t i = 0;
    for (auto& value : model.values()) value = static_cast<float>(i++ % 7) / 4 - 0.75f;
    return model;
}

/// A file with another version of strata in its place.
std::string with_version(std::string file, const std::string& from, const std::string& to) {
    const std::string wanted = protobuf_message().text(3, from).bytes();
    const std::size_t place = file.find(wanted);
    REQUIRE(place != std::string::npos);
    return file.replace(place, wanted.size(), protobuf_message().text(3, to).bytes());
}

}  // namespace

TEST_CASE("save_onnx writes the bytes that ONNX Runtime was tested with") {
    const test::temporary_folder folder;
    const auto path = folder.path() / "small.onnx";
    save_onnx(small_model(), path);
    const std::string written = test::contents(path);
    CHECK(with_version(written, STRATA_VERSION, "0.1.0") == test::contents(STRATA_TEST_DATA_DIR "/onnx/small.onnx"));
    save_onnx(small_model<Small::with<double>>(), path);
    CHECK(test::contents(path) == written);
    CHECK(folder.entries() == 1);
}

TEST_CASE("save_onnx leaves an older file whole where it fails") {
    const test::temporary_folder folder;
    const auto path = folder.file("small.onnx", "older");
    Small model = small_model();
    const Small other = std::move(model);
    CHECK_THROWS_AS(save_onnx(model, path), value_error);  // NOLINT(bugprone-use-after-move): that is tested
    CHECK(test::contents(path) == "older");
    CHECK_THROWS_AS(save_onnx(other, folder.path() / "missing" / "small.onnx"), file_error);
    CHECK(folder.entries() == 1);
}

TEST_CASE("weights are permuted as their axes are") {
    const onnx_weight weight{"w", {2, 3, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}};
    const onnx_weight permuted = weight.permuted({2, 0, 1});
    CHECK(permuted.extents == std::vector<std::size_t>{2, 2, 3});
    CHECK(permuted.values == std::vector<float>{0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11});
    CHECK(weight.channels_first().values == permuted.values);
}
