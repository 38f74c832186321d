#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/samples.hpp"
#include "strata/core/tensor.hpp"
#include "strata/data/augmentation/augmentation.hpp"
#include "strata/data/augmentation/image_pack.hpp"
#include "strata/simd/memory.hpp"
#include "strata/simd/pack.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// What `augment` can be told: whose random numbers to draw.
struct augment_options {
    std::uint64_t seed = 0;
    std::uint64_t epoch = 0;
};

/// What a list of operations makes of images (N, rows, columns, channels): what `fit` trains with in one epoch, to be
/// looked at or kept. Bytes are scaled to [0, 1] before. Throws shape_error for arrays that are no images.
template <class... Operations>
[[nodiscard]] tensor<float, 4> augment(const array_argument& images, const augmentation_list<Operations...>& list,
                                       const augment_options& options = {}) {
    static_assert(!augmentation_list<Operations...>::mixes,
                  "augment: MixUp and CutMix mix the targets, too, so only fit can do it; leave it out of the list");
    using V = pack<float>;
    const auto shape = images.shape();
    if (shape.size() != 4) {
        raise<shape_error>({"augment: an array of shape (N, rows, columns, channels) is needed, ",
                            images.empty() ? "none" : shape_text(shape), " was given"});
    }
    const image_size size{shape[1], shape[2], shape[3]};
    if (size.cells() >= (1 << 24)) raise<shape_error>({"augment: images may have 2^24 values at most"});
    tensor<float, 4> result(std::array<std::size_t, 4>{shape[0], shape[1], shape[2], shape[3]});
    if (result.size() == 0) return result;
    aligned_vector<V> cells(size.cells()), scratch;
    const float scale = images.holds_bytes() ? 1.0f / 255 : 1.0f;
    for (std::size_t first = 0; first < shape[0]; first += lanes<V>) {
        std::array<std::size_t, lanes<V>> rows;
        std::iota(rows.begin(), rows.end(), first);
        const std::size_t count = std::min(lanes<V>, shape[0] - first);
        load_samples(images, size.cells(), {rows.data(), count}, scale, cells.data());
        list.apply_to(image_pack<V>{cells.data(), size, scratch}, {options.seed, options.epoch, {rows.data(), count}});
        for (std::size_t n = 0; n < count; ++n) {
            float* const to = result.data() + (first + n) * size.cells();
            for (std::size_t i = 0; i < size.cells(); ++i) to[i] = as_lanes(&cells[i])[n];
        }
    }
    return result;
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::augment;
using authoring::augment_options;
}  // namespace strata
