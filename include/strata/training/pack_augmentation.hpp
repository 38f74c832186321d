#pragma once

#include "strata/core/type_text.hpp"
#include "strata/data/augmentation/augmentation.hpp"
#include "strata/simd/memory.hpp"

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
        return some;
    }

    explicit operator bool() const { return list_ != nullptr; }

    /// The list's type, such as "augmentation_list<RandomFlip>"; nothing where there is none.
    std::string text() const { return list_ == nullptr ? std::string() : text_(); }

    /// Changes one value of type V for each value of a sample; lane n is sample keys.samples[n].
    void apply(V* cells, aligned_vector<V>& scratch, const augmentation_keys& keys) const {
        apply_(list_, cells, scratch, keys);
    }

private:
    const void* list_ = nullptr;
    std::string (*text_)() = nullptr;
    void (*apply_)(const void* list, V* cells, aligned_vector<V>& scratch, const augmentation_keys& keys) = nullptr;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
