// expect: a network has at most one layer whose second derivatives depend on the gradient, such as RBF
#include "strata/strata.hpp"

using namespace strata;

#ifdef WRONG
using model = Sequential<Input<4>, Dense<3>, Frozen<RBF<3>>, Frozen<RBF<2>>, Rescaling<-1>>;
#else
using model = Sequential<Input<4>, Dense<3>, Frozen<RBF<2>>, Rescaling<-1>>;
#endif

void sum(const model& network, const Tensor<float, 2>& x, const Tensor<std::int32_t, 1>& y) {
    gauss_newton_diagonal(network, MaximumAPosteriori{}, x, y);
}
