// expect: augmented: the network's input must be images, rows x columns x channels, such as Input<28, 28, 1>
#include "strata/data/augmentation/augmentation.hpp"
#include "strata/data/augmentation/geometric.hpp"

using namespace strata::authoring;

#ifdef WRONG
using sample = shape<784>;
#else
using sample = shape<28, 28, 1>;
#endif

void change(pack<float>* cells, aligned_vector<pack<float>>& scratch, const augmentation_keys& keys) {
    augmentation_list(RandomFlip{}).apply<sample>(cells, scratch, keys);
}
