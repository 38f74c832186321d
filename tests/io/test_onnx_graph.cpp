#include "strata/io/onnx_graph.hpp"

#include "support/catch.hpp"

#include <cstdint>
#include <string>
#include <vector>

using namespace strata::authoring;

TEST_CASE("an ONNX file has the fields of onnx.proto") {
    onnx_graph graph;
    const std::vector<float> values{1, -2};
    const std::string weights = graph.floats("w", {2}, values);
    const std::string sum = graph.node("Add", "layer", {"input", weights});
    const std::string result =
        graph.node("Elu", "layer", {sum}, onnx_attributes().number("alpha", 0.5).integers("i", {1, 2}));

    const auto message = [] { return protobuf_message(); };
    const auto add = message().text(1, "input").text(1, "w").text(2, "layer/Add").text(3, "layer/Add").text(4, "Add");
    const auto alpha = message().text(1, "alpha").number(2, 0.5f).integer(20, 1);
    const auto integers = message().text(1, "i").integer(8, 1).integer(8, 2).integer(20, 7);
    auto elu = message().text(1, "layer/Add").text(2, "output").text(3, "layer/Elu").text(4, "Elu");
    elu.message(5, alpha).message(5, integers);
    const auto tensor =
        message().integer(1, 2).integer(2, 1).text(8, "w").text(9, std::string("\0\0\x80\x3f\0\0\0\xc0", 8));
    const auto samples = message().message(1, message().text(2, "N")).message(1, message().integer(1, 2));
    const auto type = message().message(1, message().integer(1, 1).message(2, samples));
    auto inside = message().message(1, add).message(1, elu).text(2, "strata").message(5, tensor);
    inside.message(11, message().text(1, "input").message(2, type));
    inside.message(12, message().text(1, "output").message(2, type));
    const auto model = message().integer(1, 7).text(2, "strata").text(3, STRATA_VERSION).message(7, inside);
    const std::vector<std::size_t> extents{2};
    CHECK(graph.file(result, extents, extents) ==
          model.bytes() + message().message(8, message().text(1, "").integer(2, 13)).bytes());
}

TEST_CASE("each value of an ONNX graph has a name of its own") {
    onnx_graph graph;
    CHECK(graph.node("Relu", "layer", {"input"}) == "layer/Relu");
    CHECK(graph.node("Relu", "layer", {"input"}) == "layer/Relu_1");
    CHECK(graph.integers("layer/Relu", {1}) == "layer/Relu_2");
    CHECK(graph.node("TopK", "layer", {"input"}, {}, 1, 3) == "layer/TopK");
    CHECK(graph.node("TopK", "layer", {"input"}) == "layer/TopK_2");
    CHECK(graph.integers("output", {1}) == "output_1");
    CHECK(graph.integers("input", {1}) == "input_1");
}

TEST_CASE("a network without operators is an Identity in ONNX") {
    const std::vector<std::size_t> extents{2};
    CHECK_THAT(onnx_graph().file("input", extents, extents), test::contains("Identity"));
}

TEST_CASE("the version of an ONNX file follows from its operators") {
    const auto end_of_file = [](std::uint64_t opset) {
        onnx_graph graph;
        graph.need_opset(opset);
        graph.need_opset(13);
        const std::vector<std::size_t> extents{2};
        const std::string file = graph.file("input", extents, extents);
        return std::string{file[1], file.back()};
    };
    CHECK(end_of_file(13) == "\x07\x0d");
    CHECK(end_of_file(14) == "\x07\x0e");
    CHECK(end_of_file(17) == "\x08\x11");
}

TEST_CASE("an ONNX file of 2 GiB is refused") {
    CHECK_NOTHROW(detail::require_onnx_size(2147482000));
    CHECK_THROWS_WITH(detail::require_onnx_size(2147483648),
                      "save_onnx: the network and its weights take 2147483648 bytes, and an ONNX file holds less than "
                      "2 GiB (use model.save, or a smaller network)");
}
