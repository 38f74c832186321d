#pragma once

#include "strata/config.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

/// Weights in fewer bytes than floats have, as `strata-convert header` writes them into a program.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// What a weight is stored as; the bytes of a number come the lowest first.
enum class packed_type {
    float32,
    bfloat16,  ///< the upper half of a float
    int8,      ///< a whole number, times the scale of its channel
};

/// One tensor: so many neighbouring values. Value i of an int8 one belongs to channel i / inner % channels.
struct packed_tensor {
    packed_type type = packed_type::float32;
    std::size_t size = 0;
    std::size_t channels = 1;
    std::size_t inner = 1;
};

/// Writes the values of all tensors, one after the other, as floats. Their bytes lie in blocks, for a compiler need not
/// take long literals; `scales` are those of the int8 tensors.
STRATA_OUT_OF_LINE inline void unpack_weights(std::span<const packed_tensor> tensors, const float* scales,
                                              std::span<const std::string_view> blocks, float* to) noexcept {
    std::size_t block = 0, at = 0;
    const auto next = [&]() -> std::uint32_t {
        if (at == blocks[block].size()) ++block, at = 0;
        return static_cast<unsigned char>(blocks[block][at++]);
    };
    const auto number = [&](unsigned bytes) {
        std::uint32_t bits = 0;
        for (unsigned i = 0; i < bytes; ++i) bits |= next() << 8U * i;
        return bits;
    };
    for (const packed_tensor& tensor : tensors) {
        for (std::size_t i = 0; i < tensor.size; ++i) {
            switch (tensor.type) {
                case packed_type::float32:
                    *to++ = std::bit_cast<float>(number(4));
                    break;
                case packed_type::bfloat16:
                    *to++ = std::bit_cast<float>(number(2) << 16U);
                    break;
                case packed_type::int8:
                    *to++ = static_cast<float>(static_cast<std::int8_t>(next())) *
                            scales[i / tensor.inner % tensor.channels];
                    break;
            }
        }
        if (tensor.type == packed_type::int8) scales += tensor.channels;
    }
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
