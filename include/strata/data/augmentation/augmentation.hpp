#pragma once

#include "strata/core/shape.hpp"
#include "strata/core/tensor.hpp"
#include "strata/data/augmentation/image_pack.hpp"
#include "strata/data/augmentation/image_transform.hpp"
#include "strata/data/augmentation/lane_random.hpp"
#include "strata/simd/memory.hpp"
#include "strata/simd/pack.hpp"
#include "strata/simd/words.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <tuple>
#include <utility>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Operations that change the images of a pack at random, one after the other. What they draw is fixed by the keys and
/// the operation's place in the list alone.
///
/// An operation has one of
///
///     template <class V> void apply(const image_pack<V>& images, lane_random<V>& random) const;
///     template <class V> void transform(image_transform<V>& images, lane_random<V>& random) const;
///
/// of which the second moves pixels: those that stand next to each other share an interpolation. And, where its
/// settings can be wrong, `void check() const`, which throws value_error.
///
/// The last one may mix samples of a batch in place of this (see mixing.hpp):
///
///     template <class V> V mix(const image_pack<V>& images, const V* others, lane_random<V>& random) const;
///
/// changes images by others of the same shape, and returns how much a sample's own targets count; those of the other
/// sample count the rest.
template <class... Operations> class augmentation_list {
    static constexpr std::size_t count = sizeof...(Operations);
    template <class Operation>
    static constexpr bool is_mixing =
        requires(const Operation& operation, const image_pack<double>& images, lane_random<double>& random) {
            operation.mix(images, images.cells, random);
        };
    template <class Operation>
    static constexpr bool takes_any_shape = requires { requires Operation::takes_any_shape; };

public:
    /// Whether the last operation mixes samples.
    static constexpr bool mixes = (is_mixing<Operations> || ...);

    explicit augmentation_list(Operations... operations) : operations_(std::move(operations)...) {
        std::apply([](const auto&... operation) { (check(operation), ...); }, operations_);
    }

    /// Changes the images of a pack in place: Shape::size cells, lane n is sample keys.samples[n].
    template <class Shape, class V>
    void apply(V* cells, aligned_vector<V>& scratch, const augmentation_keys& keys) const {
        apply_to(image_pack<V>{cells, size_of<Shape>(), scratch}, keys);
    }

    /// The same for images of a size that only the running program knows.
    template <class V> void apply_to(const image_pack<V>& images, const augmentation_keys& keys) const {
        image_transform<V> movements(images);
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            static_assert(((I + 1 == count || !is_mixing<Operations>)&&...),
                          "augmented: MixUp or CutMix must be the last operation, and there can be only one of them");
            (apply_one(std::get<I>(operations_), images, movements, keys, I), ...);
        }(std::index_sequence_for<Operations...>{});
        movements.finish();
    }

    /// Which samples of a batch are mixed into those of a pack: one of `batch` places for each lane.
    template <class V>
    std::array<std::size_t, lanes<V>> draw_others(const augmentation_keys& keys, std::size_t batch) const {
        const words<V> bits = lane_random<V>(keys, count).bits();
        std::uint32_t drawn[lanes<V>];
        std::memcpy(drawn, &bits, sizeof(drawn));
        std::array<std::size_t, lanes<V>> places;
        for (std::size_t n = 0; n < lanes<V>; ++n) places[n] = std::uint64_t{drawn[n]} * batch >> 32;
        return places;
    }

    /// Mixes them in. Both have been changed by the operations before. Returns how much a sample's own targets count.
    template <class Shape, class V>
    V mix(V* cells, const V* others, aligned_vector<V>& scratch, const augmentation_keys& keys) const {
        lane_random<V> random(keys, count - 1);
        return std::get<count - 1>(operations_).mix(image_pack<V>{cells, size_of<Shape>(), scratch}, others, random);
    }

private:
    /// Of images, or of samples of any shape as images of one row.
    template <class Shape> static constexpr image_size size_of() {
        constexpr bool is_image = Shape::rank == 3;
        static_assert(is_image || (count > 0 && (takes_any_shape<Operations> && ...)),
                      "augmented: the network's input must be images, rows x columns x channels, such as "
                      "Input<28, 28, 1>");
        static_assert(Shape::size < (1 << 24), "augmented: images may have 2^24 values at most");
        if constexpr (is_image)
            return {Shape::extents[0], Shape::extents[1], Shape::extents[2]};
        else
            return {1, Shape::size, 1};
    }

    template <class Operation> static void check(const Operation& operation) {
        if constexpr (requires { operation.check(); }) operation.check();
    }

    template <class Operation, class V>
    static void apply_one(const Operation& operation, const image_pack<V>& images, image_transform<V>& movements,
                          const augmentation_keys& keys, std::size_t place) {
        lane_random<V> random(keys, place);
        constexpr bool moves = requires { operation.transform(movements, random); };
        constexpr bool changes = requires { operation.apply(images, random); };
        static_assert(moves || changes || is_mixing<Operation>,
                      "augmented: an operation needs `template <class V> void apply(const image_pack<V>&, "
                      "lane_random<V>&) const`");
        if constexpr (moves) {
            operation.transform(movements, random);
        } else if constexpr (changes) {
            movements.finish();
            operation.apply(images, random);
        }
    }

    std::tuple<Operations...> operations_;
};

/// Data to train with, and what is done at random with each sample whenever it is loaded. `fit` takes it in place of
/// the data.
template <class Samples, class... Operations> struct augmented_samples {
    Samples samples;
    augmentation_list<Operations...> list;
};

/// Data whose images `fit` changes at random while it loads them: `training.fit(augmented(x, RandomFlip{}), y, …)`.
/// Throws value_error for settings that make no sense.
template <class... Operations>
augmented_samples<array_ref, Operations...> augmented(array_ref x, Operations... operations) {
    return {std::move(x), augmentation_list<Operations...>(std::move(operations)...)};
}

/// The same for operations that are in a list already.
template <class... Operations>
augmented_samples<array_ref, Operations...> augmented(array_ref x, augmentation_list<Operations...> list) {
    return {std::move(x), std::move(list)};
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::augmentation_list;
using authoring::augmented;
}  // namespace strata
