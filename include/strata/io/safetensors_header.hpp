#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/printable.hpp"
#include "strata/core/text.hpp"
#include "strata/io/dtype.hpp"
#include "strata/io/json.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// What a safetensors file may hold at most; beyond, it is damaged or made to do harm.
struct safetensors_limits {
    static constexpr std::uint64_t header = 100'000'000;
    static constexpr std::size_t name = 4096;
    static constexpr std::size_t metadata = 16'000'000;
    static constexpr std::size_t rank = 32;
};

/// One tensor of a header: `begin` and `end` count from the end of the header.
struct tensor_record {
    std::string name;
    dtype type = dtype::f32;
    std::vector<std::uint64_t> extents;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

struct safetensors_header {
    std::vector<tensor_record> tensors;  ///< in the file's order
    std::vector<std::size_t> by_name;    ///< their places in `tensors`, sorted by name
    std::map<std::string, std::string> metadata;
};

/// An order of tensors by their places. One type for all, so that std::sort is compiled once.
struct tensor_order {
    const std::vector<tensor_record>* tensors;
    bool of_names;

    /// By name; or by begin, and by end as well: a tensor without elements stands before the one that begins at the
    /// same byte.
    bool operator()(std::size_t first, std::size_t second) const {
        const tensor_record& a = (*tensors)[first];
        const tensor_record& b = (*tensors)[second];
        if (of_names) return a.name < b.name;
        return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
    }
};

/// The places of all tensors in an order.
[[nodiscard]] STRATA_OUT_OF_LINE inline std::vector<std::size_t> sorted_places(
    const std::vector<tensor_record>& tensors, bool of_names) {
    std::vector<std::size_t> places(tensors.size());
    for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
    std::sort(places.begin(), places.end(), tensor_order{&tensors, of_names});
    return places;
}

/// Reads a header: exactly its grammar, in which nothing is nested deeper than a shape in a tensor in the header.
class safetensors_header_reader {
public:
    safetensors_header_reader(std::string_view text, const std::string& file)
        : name_(concat({file, ": header"})), json_(text, name_, damaged) {}

    [[nodiscard]] safetensors_header read() {
        safetensors_header header;
        bool has_metadata = false;
        for (bool more = json_.first('{', '}'); more; more = json_.next('}')) {
            place_ = "";
            std::string name = key();
            if (name != "__metadata__") {
                header.tensors.push_back(tensor(std::move(name)));
                continue;
            }
            if (std::exchange(has_metadata, true)) fail({"\"__metadata__\" is there twice"});
            header.metadata = metadata();
        }
        json_.expect_end();
        header.by_name = sorted_places(header.tensors, true);
        place_ = "";
        for (std::size_t i = 1; i < header.by_name.size(); ++i) {
            const std::string& name = header.tensors[header.by_name[i]].name;
            if (name == header.tensors[header.by_name[i - 1]].name) {
                fail({"the tensor ", in_quotes(name), " is there twice"});
            }
        }
        return header;
    }

    static constexpr std::string_view damaged = " (damaged, or not a safetensors file? fetch or write it again)";

private:
    static constexpr std::string_view unsupported = " (more than this library reads)";

    [[nodiscard]] std::string key() {
        std::string text = json_.key();
        if (text.size() > safetensors_limits::name) {
            fail({"a name of ", text.size(), " bytes, at most ", safetensors_limits::name,
                  " are supported: ", in_quotes(text)},
                 unsupported);
        }
        return text;
    }

    /// Texts, or null, which stands for none.
    [[nodiscard]] std::map<std::string, std::string> metadata() {
        std::map<std::string, std::string> texts;
        place_ = "__metadata__: ";
        if (json_.take_null()) return texts;
        require('{', "an object or null");
        for (bool more = json_.first('{', '}'); more; more = json_.next('}')) {
            std::string name = key();
            if (texts.contains(name)) fail({"the key ", in_quotes(name), " is there twice"});
            place_ = concat({"__metadata__: ", in_quotes(name), ": "});
            require('"', "a text");
            std::string text = json_.string();
            if (text.size() > safetensors_limits::metadata) {
                fail({"a text of ", text.size(), " bytes, at most ", safetensors_limits::metadata, " are supported"},
                     unsupported);
            }
            texts.emplace(std::move(name), std::move(text));
            place_ = "__metadata__: ";
        }
        return texts;
    }

    [[nodiscard]] tensor_record tensor(std::string name) {
        tensor_record record;
        record.name = std::move(name);
        place_ = concat({"tensor ", in_quotes(record.name), ": "});
        require('{', "an object");
        constexpr std::array<std::string_view, 3> fields{"dtype", "shape", "data_offsets"};
        std::array<bool, 3> seen{};
        for (bool more = json_.first('{', '}'); more; more = json_.next('}')) {
            const std::string field = key();
            const auto place =
                static_cast<std::size_t>(std::find(fields.begin(), fields.end(), field) - fields.begin());
            if (place == fields.size()) {
                fail({"dtype, shape and data_offsets expected, ", in_quotes(field), " found"});
            }
            if (std::exchange(seen[place], true)) fail({field, " is there twice"});
            if (place == 0) {
                record.type = type();
            } else if (place == 1) {
                record.extents = integers("shape", safetensors_limits::rank);
            } else {
                const std::vector<std::uint64_t> offsets = integers("data_offsets", 2);
                if (offsets.size() != 2) fail({"data_offsets: two integers expected"});
                record.begin = offsets[0];
                record.end = offsets[1];
            }
        }
        for (std::size_t place = 0; place < fields.size(); ++place) {
            if (!seen[place]) fail({fields[place], " is missing"});
        }
        return record;
    }

    [[nodiscard]] dtype type() {
        require('"', "dtype: a text");
        const std::string name = json_.string();
        const auto type = dtype_from_name(name);
        if (!type) {
            fail({"the dtype ", in_quotes(name), " is unknown"},
                 " (newer than this library? write the tensor in another type, F32 for example)");
        }
        return *type;
    }

    [[nodiscard]] std::vector<std::uint64_t> integers(std::string_view field, std::size_t most) {
        const std::string expected = concat({field, most == 2 ? ": two integers from 0" : ": integers from 0"});
        require('[', concat({field, ": an array of integers"}));
        std::vector<std::uint64_t> numbers;
        for (bool more = json_.first('[', ']'); more; more = json_.next(']')) {
            const auto number = json_.whole_number();
            if (!number) unexpected(expected);
            if (numbers.size() == most) {
                fail({expected, " expected, at most ", most, " of them"}, most == 2 ? damaged : unsupported);
            }
            numbers.push_back(*number);
        }
        return numbers;
    }

    void require(char first, std::string_view expected) {
        if (json_.peek() != first) unexpected(expected);
    }

    [[noreturn]] STRATA_OUT_OF_LINE void unexpected(std::string_view expected) {
        fail({expected, " expected, ", json_.found(), " found"});
    }

    [[noreturn]] void fail(std::initializer_list<text_piece> what, std::string_view advice = damaged) const {
        raise<file_error>({name_, ": ", place_, concat(what), advice});
    }

    std::string name_;
    json_reader json_;
    std::string place_;  ///< the tensor, for messages
};

/// Parses the JSON text of a header; what it says about the data is checked by `check_layout`. Throws file_error.
[[nodiscard]] STRATA_OUT_OF_LINE inline safetensors_header parse_safetensors_header(std::string_view text,
                                                                                    const std::string& file) {
    if (text.empty() || text.front() != '{') {
        raise<file_error>({file, ": the header should begin with '{', ",
                           text.empty() ? "it is empty" : "it begins with " + in_quotes(text.substr(0, 1)),
                           safetensors_header_reader::damaged});
    }
    return safetensors_header_reader(text, file).read();
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
