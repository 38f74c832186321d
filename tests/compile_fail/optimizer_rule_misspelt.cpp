// expect: compile: the optimizer needs `template <class V> auto rule(std::uint64_t t) const`
#include "strata/strata.hpp"

using namespace strata;

#ifdef WRONG
#define NAME rules
#else
#define NAME rule
#endif

struct Descent {
    static constexpr std::size_t slot_count = 0;

    template <class V> auto NAME(std::uint64_t) const {
        return [](V& w, const V& g, V*) { w = w - g; };
    }
};

using model = Sequential<Input<4>, Dense<1>>;

void train(model& network, const Tensor<float, 2>& x, const Tensor<float, 2>& y) {
    compile(network, Descent{}, MeanSquaredError{}).fit(x, y);
}
