// expect: the loss needs `template <class Output, bool Logits, class V> V value(
#include "strata/strata.hpp"

using namespace strata::authoring;

#ifdef WRONG
#define NAME values
#else
#define NAME value
#endif

struct Zero {
    template <class Output> using target = Output;
    template <class Output> void check(const array_ref&) const {}

    template <class Output, bool Logits, class V> V NAME(const V*, const V*, const V&, V* dy) const {
        std::fill_n(dy, Output::size, V(0));
        return V(0);
    }
};

using model = Sequential<Input<4>, Dense<1>>;

void train(model& network, const Tensor<float, 2>& x, const Tensor<float, 2>& y) {
    compile(network, SGD{}, Zero{}).fit(x, y);
}
