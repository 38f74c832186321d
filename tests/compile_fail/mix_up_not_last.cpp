// expect: augmented: MixUp or CutMix must be the last operation, and there can be only one of them
#include "strata/data/augmentation/augmentation.hpp"
#include "strata/data/augmentation/geometric.hpp"
#include "strata/data/augmentation/mixing.hpp"

using namespace strata::authoring;

#ifdef WRONG
using list = augmentation_list<MixUp, RandomFlip>;
#else
using list = augmentation_list<RandomFlip, MixUp>;
#endif

void change(const list& operations, const image_pack<float>& images, const augmentation_keys& keys) {
    operations.apply_to(images, keys);
}
