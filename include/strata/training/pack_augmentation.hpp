#pragma once

#include "strata/core/type_text.hpp"
#include "strata/data/augmentation/augmentation.hpp"
#include "strata/simd/memory.hpp"
#include "strata/simd/pack.hpp"

#include <array>
#include <cstddef>
#include <string>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// What changes the samples of a pack while they are loaded: a list of augmentations without its type, so that no
/// network is compiled once more for each list. Refers to the list.
template <class V> class pack_augmentation {
public:
    /// None.
    pack_augmentation() = default;

    template <class Input, class List> static pack_augmentation of(const List& list) {
        pack_augmentation some;
        some.list_ = &list;
        some.text_ = &type_text<List>;
        some.apply_ = [](const void* any, V* cells, aligned_vector<V>& scratch, const augmentation_keys& keys) {
            static_cast<const List*>(any)->template apply<Input>(cells, scratch, keys);
        };
        if constexpr (List::mixes) {
            some.draw_others_ = [](const void* any, const augmentation_keys& keys, std::size_t batch) {
                return static_cast<const List*>(any)->template draw_others<V>(keys, batch);
            };
            some.mix_ = [](const void* any, V* cells, const V* others, aligned_vector<V>& scratch,
                           const augmentation_keys& keys) {
                return static_cast<const List*>(any)->template mix<Input>(cells, others, scratch, keys);
            };
        }
        return some;
    }

    explicit operator bool() const { return list_ != nullptr; }

    /// The list's type, such as "augmentation_list<RandomFlip>"; nothing where there is none.
    std::string text() const { return list_ == nullptr ? std::string() : text_(); }

    /// Changes one value of type V for each value of a sample; lane n is sample keys.samples[n].
    void apply(V* cells, aligned_vector<V>& scratch, const augmentation_keys& keys) const {
        apply_(list_, cells, scratch, keys);
    }

    /// Whether it mixes samples, and their targets, too: see augmentation_list.
    bool mixes() const { return mix_ != nullptr; }
    std::array<std::size_t, lanes<V>> draw_others(const augmentation_keys& keys, std::size_t batch) const {
        return draw_others_(list_, keys, batch);
    }
    V mix(V* cells, const V* others, aligned_vector<V>& scratch, const augmentation_keys& keys) const {
        return mix_(list_, cells, others, scratch, keys);
    }

private:
    const void* list_ = nullptr;
    std::string (*text_)() = nullptr;
    void (*apply_)(const void* list, V* cells, aligned_vector<V>& scratch, const augmentation_keys& keys) = nullptr;
    std::array<std::size_t, lanes<V>> (*draw_others_)(const void* list, const augmentation_keys& keys,
                                                      std::size_t batch) = nullptr;
    V(*mix_)
    (const void* list, V* cells, const V* others, aligned_vector<V>& scratch, const augmentation_keys& keys) = nullptr;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
