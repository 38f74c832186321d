#pragma once

#include "strata/core/checked.hpp"
#include "strata/core/errors.hpp"
#include "strata/core/printable.hpp"
#include "strata/core/text.hpp"
#include "strata/io/safetensors_header.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// Checks that the tensors of a header cover `data_size` bytes exactly: each as long as its shape and dtype say, none
/// over another, no hole between them, nothing behind them. Throws file_error that names the tensor.
STRATA_OUT_OF_LINE inline void check_layout(const safetensors_header& header, std::uint64_t data_size,
                                            const std::string& file) {
    const auto fail = [&](const tensor_record& tensor, std::initializer_list<text_piece> what) {
        raise<file_error>({file, ": tensor ", in_quotes(tensor.name), ": ", concat(what),
                           " (truncated or damaged? fetch or write the file again)"});
    };
    for (const tensor_record& tensor : header.tensors) {
        if (tensor.begin > tensor.end) {
            fail(tensor, {"begins at byte ", tensor.begin, ", after its end at ", tensor.end});
        }
        const auto count = checked_element_count(tensor.extents);
        const auto size = count ? dtype_bytes(tensor.type, *count) : std::nullopt;
        if (!size && count && checked_product(*count, dtype_bits(tensor.type))) {
            fail(tensor, {"the shape ", extents_text(tensor.extents), " of type ", dtype_name(tensor.type),
                          " does not fill whole bytes"});
        }
        if (!size) {
            fail(tensor, {"the shape ", extents_text(tensor.extents), " has more bytes than a program can address"});
        }
        if (tensor.end - tensor.begin != *size) {
            fail(tensor, {*size, " bytes expected for the shape ", extents_text(tensor.extents), " of type ",
                          dtype_name(tensor.type), ", data_offsets span ", tensor.end - tensor.begin});
        }
        if (tensor.end > data_size) {
            fail(tensor, {"ends at byte ", tensor.end, " of the data, file ends after ", data_size, " bytes of data"});
        }
    }
    std::uint64_t covered = 0;
    for (const std::size_t place : sorted_places(header.tensors, false)) {
        const tensor_record& tensor = header.tensors[place];
        if (tensor.begin < covered) {
            fail(tensor,
                 {"begins at byte ", tensor.begin, " and overlaps the tensor before it, which ends at ", covered});
        }
        if (tensor.begin > covered) {
            fail(tensor, {"begins at byte ", tensor.begin, ", which leaves a hole of ", tensor.begin - covered,
                          " bytes before it"});
        }
        covered = tensor.end;
    }
    if (covered != data_size) {
        raise<file_error>({file, ": ", data_size - covered,
                           " bytes follow the last tensor (damaged? fetch or write the file again)"});
    }
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
