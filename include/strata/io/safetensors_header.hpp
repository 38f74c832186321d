#pragma once

#include "strata/core/checked.hpp"
#include "strata/core/errors.hpp"
#include "strata/core/printable.hpp"
#include "strata/core/text.hpp"
#include "strata/io/dtype.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata {
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
    std::map<std::string, std::string> metadata;
};

/// Receives the events of nlohmann's parser and accepts exactly the header's grammar.
///
/// A tree of values would not do: it keeps the last of two equal keys in silence, and costs memory before anything
/// has been looked at. The state says where in the grammar the parser is, so nesting cannot go deeper than it.
class safetensors_header_handler {
public:
    safetensors_header header;
    std::string error;

    bool start_object(std::size_t) {
        if (state_ == state::outside) return enter(state::header);
        if (state_ == state::header) return enter(name_ == "__metadata__" ? state::metadata : state::tensor);
        return unexpected({"an object"});
    }

    bool key(std::string& text) {
        if (text.size() > safetensors_limits::name) {
            return fail({"a name of ", text.size(), " bytes, at most ", safetensors_limits::name,
                         " expected: ", in_quotes(text)});
        }
        if (state_ == state::header) {
            if (!names_.insert(text).second) return fail({"the tensor ", in_quotes(text), " is there twice"});
            name_ = text;
            record_ = {};
            record_.name = text;
            has_type_ = has_shape_ = has_offsets_ = false;
            return true;
        }
        if (state_ == state::metadata && header.metadata.contains(text)) {
            return fail({"the metadata key ", in_quotes(text), " is there twice"});
        }
        field_ = text;
        return state_ == state::metadata || begin_field();
    }

    bool string(std::string& text) {
        if (state_ == state::metadata) {
            if (text.size() > safetensors_limits::metadata) {
                return fail({"metadata ", in_quotes(field_), ": a text of ", text.size(), " bytes, at most ",
                             safetensors_limits::metadata, " expected"});
            }
            header.metadata.emplace(field_, std::move(text));
            return true;
        }
        if (state_ != state::tensor || field_ != "dtype") return unexpected({"the text ", in_quotes(text)});
        const auto type = dtype_from_name(text);
        if (!type) {
            return fail({where(), "the dtype ", in_quotes(text),
                         " is unknown; BOOL, U8 to U64, I8 to I64, F16, BF16, F32 or F64 expected"});
        }
        record_.type = *type;
        return true;
    }

    bool start_array(std::size_t) {
        if (state_ == state::tensor && field_ == "shape") return enter(state::shape);
        if (state_ == state::tensor && field_ == "data_offsets") return enter(state::offsets);
        return unexpected({"an array"});
    }

    bool number_unsigned(std::uint64_t number) {
        if (state_ == state::shape) {
            if (record_.extents.size() == safetensors_limits::rank) {
                return fail({where(), "a shape of more than ", safetensors_limits::rank, " extents"});
            }
            record_.extents.push_back(number);
            return true;
        }
        if (state_ == state::offsets && offsets_read_ < 2) {
            (offsets_read_++ == 0 ? record_.begin : record_.end) = number;
            return true;
        }
        return unexpected({"the number ", number});
    }

    bool end_array() {
        if (state_ == state::offsets && offsets_read_ != 2) {
            return fail({where(), "data_offsets: two numbers expected"});
        }
        return enter(state::tensor);
    }

    bool end_object() {
        if (state_ == state::header) return enter(state::outside);
        if (state_ == state::tensor) {
            if (!has_type_ || !has_shape_ || !has_offsets_) {
                return fail({where(), !has_type_ ? "dtype" : !has_shape_ ? "shape" : "data_offsets", " is missing"});
            }
            header.tensors.push_back(std::move(record_));
        }
        return enter(state::header);
    }

    bool null() { return unexpected({"null"}); }
    bool boolean(bool value) { return unexpected({value ? "true" : "false"}); }
    bool number_integer(std::int64_t number) { return unexpected({"the number ", std::to_string(number)}); }
    bool number_float(double, const std::string& text) { return unexpected({"the number ", in_quotes(text)}); }
    bool binary(nlohmann::json::binary_t&) { return unexpected({"binary data"}); }

    bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& problem) {
        return fail({"not JSON at byte ", position, ": ", in_quotes(problem.what(), 200)});
    }

private:
    enum class state { outside, header, metadata, tensor, shape, offsets };

    bool enter(state next) {
        state_ = next;
        return true;
    }

    bool begin_field() {
        bool* const seen = field_ == "dtype"          ? &has_type_
                           : field_ == "shape"        ? &has_shape_
                           : field_ == "data_offsets" ? &has_offsets_
                                                      : nullptr;
        if (seen == nullptr) {
            return fail({where(), "dtype, shape and data_offsets expected, ", in_quotes(field_), " found"});
        }
        if (*seen) return fail({where(), field_, " is there twice"});
        *seen = true;
        offsets_read_ = 0;
        return true;
    }

    bool unexpected(std::initializer_list<text_piece> what) {
        const std::string found = concat(what);
        switch (state_) {
            case state::header:
                return fail({where(), "an object expected, ", found, " found"});
            case state::metadata:
                return fail({"metadata ", in_quotes(field_), ": a text expected, ", found, " found"});
            case state::shape:
                return fail({where(), "shape: integers from 0 expected, ", found, " found"});
            case state::offsets:
                return fail({where(), "data_offsets: two integers from 0 expected, ", found, " found"});
            default:
                return fail({where(), field_, ": ", field_ == "dtype" ? "a text" : "an array of integers",
                             " expected, ", found, " found"});
        }
    }

    [[nodiscard]] std::string where() const { return concat({"tensor ", in_quotes(name_), ": "}); }

    bool fail(std::initializer_list<text_piece> text) {
        error = concat(text);
        return false;
    }

    state state_ = state::outside;
    std::set<std::string, std::less<>> names_;
    std::string name_;
    std::string field_;
    tensor_record record_;
    bool has_type_ = false;
    bool has_shape_ = false;
    bool has_offsets_ = false;
    int offsets_read_ = 0;
};

/// Parses the JSON text of a header; what it says about the data is checked by `check_layout`. Throws file_error.
[[nodiscard]] inline safetensors_header parse_safetensors_header(std::string_view text, const std::string& file) {
    constexpr const char* advice = " (damaged, or not a safetensors file? fetch or write it again)";
    if (text.empty() || text.front() != '{') {
        raise<file_error>({file, ": the header should begin with '{', ",
                           text.empty() ? "it is empty" : "it begins with " + in_quotes(text.substr(0, 1)), advice});
    }
    // nlohmann's parser takes a zero byte for the end of the text and would let anything follow it.
    if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
        raise<file_error>({file, ": header: byte ", zero, " is zero, JSON text expected", advice});
    }
    safetensors_header_handler handler;
    if (!nlohmann::json::sax_parse(text.begin(), text.end(), &handler)) {
        raise<file_error>({file, ": header: ", handler.error, advice});
    }
    return std::move(handler.header);
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata
