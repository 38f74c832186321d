#pragma once

#include "strata/core/shape.hpp"
#include "strata/core/tensor.hpp"
#include "strata/data/augmentation/image_pack.hpp"
#include "strata/data/augmentation/image_transform.hpp"
#include "strata/data/augmentation/lane_random.hpp"
#include "strata/simd/memory.hpp"

#include <cstddef>
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
template <class... Operations> class augmentation_list {
public:
    explicit augmentation_list(Operations... operations) : operations_(std::move(operations)...) {
        std::apply([](const auto&... operation) { (check(operation), ...); }, operations_);
    }

    /// Changes the images of a pack in place: Shape::size cells, lane n is sample keys.samples[n].
    template <class Shape, class V>
    void apply(V* cells, aligned_vector<V>& scratch, const augmentation_keys& keys) const {
        static_assert(Shape::rank == 3,
                      "augmented: the network's input must be images, rows x columns x channels, such as "
                      "Input<28, 28, 1>");
        static_assert(Shape::size < (1 << 24), "augmented: images may have 2^24 values at most");
        constexpr auto extents = image_extents<Shape>;
        apply_to(image_pack<V>{cells, {extents[0], extents[1], extents[2]}, scratch}, keys);
    }

    /// The same for images of a size that only the running program knows.
    template <class V> void apply_to(const image_pack<V>& images, const augmentation_keys& keys) const {
        image_transform<V> movements(images);
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (apply_one(std::get<I>(operations_), images, movements, keys, I), ...);
        }(std::index_sequence_for<Operations...>{});
        movements.finish();
    }

private:
    template <class Operation> static void check(const Operation& operation) {
        if constexpr (requires { operation.check(); }) operation.check();
    }

    template <class Operation, class V>
    static void apply_one(const Operation& operation, const image_pack<V>& images, image_transform<V>& movements,
                          const augmentation_keys& keys, std::size_t place) {
        lane_random<V> random(keys, place);
        constexpr bool moves = requires { operation.transform(movements, random); };
        constexpr bool changes = requires { operation.apply(images, random); };
        static_assert(moves || changes,
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

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::augmentation_list;
using authoring::augmented;
}  // namespace strata
