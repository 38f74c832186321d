// expect: MixUp, CutMix: class numbers cannot be mixed; take rows for targets, one_hot(labels), and
// CategoricalCrossentropy in place of SparseCategoricalCrossentropy
#include <strata/data.hpp>
#include <strata/strata.hpp>

using namespace strata;

#ifdef WRONG
using Loss = SparseCategoricalCrossentropy;
#else
using Loss = CategoricalCrossentropy;
#endif

void fit(Sequential<Input<2>, Dense<3, Softmax>>& model, const Tensor<float, 2>& x, const Tensor<float, 2>& y) {
    compile(model, SGD{}, Loss{}).fit(augmented(x, MixUp{}), y);
}
