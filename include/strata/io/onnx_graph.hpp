#pragma once

#include "strata/core/byte_order.hpp"
#include "strata/core/errors.hpp"
#include "strata/core/text.hpp"
#include "strata/io/protobuf.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// ONNX's format: a graph of operators, as a message of Protocol Buffers. Its fields are numbered in onnx.proto, the
/// operators are described in Operators.md, both of https://github.com/onnx/onnx.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// The attributes of an operator: `onnx_attributes().integers("pads", {1, 1, 1, 1}).number("alpha", 0.2)`.
class onnx_attributes {
public:
    STRATA_OUT_OF_LINE onnx_attributes& number(std::string_view name, double value) {
        return add(protobuf_message().text(1, name).number(2, static_cast<float>(value)), 1);
    }
    STRATA_OUT_OF_LINE onnx_attributes& integer(std::string_view name, std::int64_t value) {
        return add(protobuf_message().text(1, name).integer(3, static_cast<std::uint64_t>(value)), 2);
    }
    STRATA_OUT_OF_LINE onnx_attributes& text(std::string_view name, std::string_view value) {
        return add(protobuf_message().text(1, name).text(4, value), 3);
    }
    STRATA_OUT_OF_LINE onnx_attributes& numbers(std::string_view name, const std::vector<double>& values) {
        protobuf_message attribute;
        attribute.text(1, name);
        for (const double value : values) attribute.number(7, static_cast<float>(value));
        return add(attribute, 6);
    }
    STRATA_OUT_OF_LINE onnx_attributes& integers(std::string_view name, const std::vector<std::size_t>& values) {
        protobuf_message attribute;
        attribute.text(1, name);
        for (const std::size_t value : values) attribute.integer(8, value);
        return add(attribute, 7);
    }
    STRATA_OUT_OF_LINE onnx_attributes& texts(std::string_view name, const std::vector<std::string>& values) {
        protobuf_message attribute;
        attribute.text(1, name);
        for (const std::string& value : values) attribute.text(9, value);
        return add(attribute, 8);
    }

    const std::vector<protobuf_message>& all() const { return all_; }

private:
    onnx_attributes& add(protobuf_message attribute, std::uint64_t type) {
        all_.push_back(std::move(attribute.integer(20, type)));
        return *this;
    }

    std::vector<protobuf_message> all_;
};

namespace detail {

/// The IR version that the tools of an operator set's time read (onnx/helper.py, VERSION_TABLE).
constexpr std::uint64_t onnx_ir_version(std::uint64_t opset) { return opset < 15 ? 7 : 8; }

/// Throws value_error for more bytes than a message of Protocol Buffers can hold; some are left for what is around
/// them.
STRATA_OUT_OF_LINE inline void require_onnx_size(std::uint64_t bytes) {
    if (bytes >= (std::uint64_t{1} << 31) - 1024)
        raise<value_error>({"save_onnx: the network and its weights take ", bytes,
                            " bytes, and an ONNX file holds less than 2 GiB (use model.save, or a smaller network)"});
}

/// ValueInfoProto: floats, so many samples of this shape.
STRATA_OUT_OF_LINE inline protobuf_message onnx_samples(std::string_view name, std::span<const std::size_t> extents) {
    protobuf_message shape;
    shape.message(1, protobuf_message().text(2, "N"));
    for (const std::size_t extent : extents) shape.message(1, protobuf_message().integer(1, extent));
    const auto tensor = protobuf_message().integer(1, 1).message(2, shape);
    return protobuf_message().text(1, name).message(2, protobuf_message().message(1, tensor));
}

}  // namespace detail

/// A graph of operators that becomes larger, and then a file. Values are known by their names; each has one. The input
/// of the graph is called "input", what it computes "output".
class onnx_graph {
public:
    static constexpr std::string_view input = "input";

    /// The operator sets (opsets) that files are written for: the first one whose operators a network needs.
    static constexpr std::uint64_t oldest_opset = 13;

    /// Adds an operator, and returns the name of what it computes, which begins with that of its layer. That is its
    /// output number `output`; those before are left out, and those behind it, up to `outputs`, are for nobody.
    STRATA_OUT_OF_LINE std::string node(std::string_view type, std::string_view layer, std::vector<std::string> inputs,
                                        const onnx_attributes& attributes = {}, std::size_t output = 0,
                                        std::size_t outputs = 1) {
        std::string name = unused(concat({layer, "/", type}));
        std::vector<std::string> results(output);
        results.push_back(name);
        while (results.size() < outputs) results.push_back(unused(name));
        nodes_.push_back({std::string(type), name, std::move(inputs), std::move(results), attributes.all()});
        return name;
    }

    /// Adds constant floats, and returns their name: this one, with a number if it is taken.
    STRATA_OUT_OF_LINE std::string floats(std::string_view name, const std::vector<std::size_t>& extents,
                                          std::span<const float> values) {
        std::string bytes;
        bytes.reserve(4 * values.size());
        for (const float value : values) append_little_endian(bytes, std::bit_cast<std::uint32_t>(value), 4);
        return constant(name, extents, 1, bytes);
    }

    /// Adds a row of constant whole numbers, and returns its name.
    STRATA_OUT_OF_LINE std::string integers(std::string_view name, const std::vector<std::int64_t>& values) {
        std::string bytes;
        for (const std::int64_t value : values) append_little_endian(bytes, static_cast<std::uint64_t>(value), 8);
        return constant(name, {values.size()}, 7, bytes);
    }

    /// Adds one constant whole number, without axes, and returns its name.
    STRATA_OUT_OF_LINE std::string integer(std::string_view name, std::int64_t value) {
        std::string bytes;
        append_little_endian(bytes, static_cast<std::uint64_t>(value), 8);
        return constant(name, {}, 7, bytes);
    }

    /// Operators of this set are used.
    void need_opset(std::uint64_t opset) { opset_ = std::max(opset_, opset); }

    /// The file: a ModelProto with this graph, of samples of these shapes, whose result has that name. Throws
    /// value_error for more than the format can hold.
    STRATA_OUT_OF_LINE std::string file(std::string result, std::span<const std::size_t> input_extents,
                                        std::span<const std::size_t> output_extents) {
        if (result == input) result = node("Identity", "output", {result});
        for (node_parts& each : nodes_) {
            std::replace(each.inputs.begin(), each.inputs.end(), result, std::string(result_name));
            std::replace(each.outputs.begin(), each.outputs.end(), result, std::string(result_name));
        }

        protobuf_message graph;
        for (const node_parts& each : nodes_) graph.message(1, each.message());
        graph.text(2, "strata");
        for (const protobuf_message& each : constants_) graph.message(5, each);
        graph.message(11, detail::onnx_samples(input, input_extents));
        graph.message(12, detail::onnx_samples(result_name, output_extents));
        detail::require_onnx_size(graph.bytes().size());
        return protobuf_message()
            .integer(1, detail::onnx_ir_version(opset_))
            .text(2, "strata")
            .text(3, STRATA_VERSION)
            .message(7, graph)
            .message(8, protobuf_message().text(1, "").integer(2, opset_))
            .bytes();
    }

private:
    static constexpr std::string_view result_name = "output";

    struct node_parts {
        std::string type, name;
        std::vector<std::string> inputs, outputs;
        std::vector<protobuf_message> attributes;

        /// NodeProto.
        protobuf_message message() const {
            protobuf_message node;
            for (const std::string& each : inputs) node.text(1, each);
            for (const std::string& each : outputs) node.text(2, each);
            node.text(3, name).text(4, type);
            for (const protobuf_message& each : attributes) node.message(5, each);
            return node;
        }
    };

    /// TensorProto.
    STRATA_OUT_OF_LINE std::string constant(std::string_view wanted, const std::vector<std::size_t>& extents,
                                            std::uint64_t type, std::string_view bytes) {
        std::string name = unused(std::string(wanted));
        protobuf_message tensor;
        for (const std::size_t extent : extents) tensor.integer(1, extent);
        constants_.push_back(tensor.integer(2, type).text(8, name).text(9, bytes));
        return name;
    }

    /// A name that nothing else has.
    STRATA_OUT_OF_LINE std::string unused(const std::string& wanted) {
        std::string name = wanted;
        for (std::size_t i = 1; !names_.insert(name).second; ++i) name = concat({wanted, "_", i});
        return name;
    }

    std::uint64_t opset_ = oldest_opset;
    std::vector<node_parts> nodes_;
    std::vector<protobuf_message> constants_;
    std::set<std::string> names_{std::string(input), std::string(result_name)};
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
