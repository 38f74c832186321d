#pragma once

#include "strata/data/augmentation/elastic_field.hpp"
#include "strata/data/augmentation/image_pack.hpp"
#include "strata/data/augmentation/lane_random.hpp"
#include "strata/data/augmentation/resampling.hpp"

#include <cstddef>
#include <optional>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Movements of a pack's images that have been drawn and are still to be made: maps and at most one field of
/// displacements become one interpolation. What cannot be joined, such as a second field or another filling, makes the
/// former ones first.
template <class V> class image_transform {
public:
    explicit image_transform(const image_pack<V>& images) : images_(images) {}

    const image_size& size() const { return images_.size; }

    /// A movement that needs no filling by itself.
    void add(const affine_map<V>& map) {
        map_ = map_.followed_by(map);
        moves_ = true;
    }

    void add(const affine_map<V>& map, const image_filling& filling) {
        fill_with(filling);
        add(map);
    }

    /// A smooth random field. A map that follows moves the field's place, but not the pixels at which it is drawn: a
    /// field is random everywhere.
    void add_field(double alpha, double sigma, lane_random<V>& random, const image_filling& filling) {
        if (has_field_) finish();
        fill_with(filling);
        const detail::elastic_field field(alpha, sigma, size());
        const std::size_t displacements = 2 * size().pixels();
        V* const cells = images_.scratch_of(displacements + field.cells());
        field.draw(random, map_, cells, cells + displacements);
        moves_ = has_field_ = true;
    }

    /// Moves the pixels.
    void finish() {
        if (moves_) {
            const std::size_t displacements = has_field_ ? 2 * size().pixels() : 0;
            V* const cells = images_.scratch_of(displacements + detail::resampling_cells(size()));
            detail::resample(images_, map_, has_field_ ? cells : nullptr, filling_.value_or(image_filling{}),
                             cells + displacements);
        }
        map_ = {};
        filling_.reset();
        moves_ = has_field_ = false;
    }

private:
    void fill_with(const image_filling& filling) {
        if (filling_ && *filling_ != filling) finish();
        filling_ = filling;
    }

    image_pack<V> images_;
    affine_map<V> map_{};
    std::optional<image_filling> filling_{};
    bool moves_ = false, has_field_ = false;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
