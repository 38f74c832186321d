#pragma once

#include "strata/data/augmentation/augmentation.hpp"
#include "support/lanes.hpp"

#include <cstddef>
#include <vector>

/// Lists of operations on images of one's own.
namespace strata::authoring::test {

using image = std::vector<double>;

/// An operation of a program's own: makes an image brighter.
struct Brighten {
    template <class V> void apply(const image_pack<V>& images, lane_random<V>& random) const {
        const V by = random.uniform(0, 1);
        for (std::size_t i = 0; i < images.size.cells(); ++i) images.cells[i] = images.cells[i] + by;
    }
};

/// What a list makes of samples that lie in one pack of V, at most lanes<V>: image(s) is that of sample s.
template <class V, class List, class Images>
std::vector<image> run_augmentation(const List& list, const image_size& size, std::vector<std::size_t> samples,
                                    const Images& image_of, const augmentation_keys& keys = {}) {
    aligned_vector<V> cells(size.cells()), scratch;
    for (std::size_t n = 0; n < lanes<V>; ++n) {
        const image from = image_of(samples[n < samples.size() ? n : samples.size() - 1]);
        for (std::size_t i = 0; i < size.cells(); ++i) as_lanes(&cells[i])[n] = static_cast<scalar_t<V>>(from[i]);
    }
    list.apply_to(image_pack<V>{cells.data(), size, scratch}, {keys.seed, keys.epoch, samples});
    std::vector<image> results;
    for (std::size_t n = 0; n < samples.size(); ++n) {
        const auto values = lane(cells, n);
        results.emplace_back(values.begin(), values.end());
    }
    return results;
}

/// The same for one image that is sample s, in plain numbers.
template <class List>
image run_augmentation(const List& list, const image_size& size, const image& from, std::size_t sample = 0) {
    return run_augmentation<double>(list, size, {sample}, [&](std::size_t) { return from; })[0];
}

/// An image of two channels: each pixel's column and row.
inline image places_of_pixels(const image_size& size) {
    image places;
    for (std::size_t r = 0; r < size.rows; ++r) {
        for (std::size_t c = 0; c < size.columns; ++c) {
            places.push_back(static_cast<double>(c));
            places.push_back(static_cast<double>(r));
        }
    }
    return places;
}

}  // namespace strata::authoring::test
