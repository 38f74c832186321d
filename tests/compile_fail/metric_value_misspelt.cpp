// expect: a metric needs `template <class Output, class Target, class V> V value(
#include "strata/strata.hpp"

using namespace strata;

#ifdef WRONG
#define NAME values
#else
#define NAME value
#endif

struct First {
    static constexpr std::string_view name = "first";

    template <class Output, class Target, class V> V NAME(const V* y, const V*) const { return y[0]; }
};

using model = Sequential<Input<4>, Dense<1>>;

void train(model& network, const Tensor<float, 2>& x, const Tensor<float, 2>& y) {
    compile(network, SGD{}, MeanSquaredError{}, First{}).fit(x, y);
}
