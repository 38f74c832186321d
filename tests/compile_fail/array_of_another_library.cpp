// expect: an xtensor array is needed; wrap other containers, for example xt::adapt(values, {N, 28, 28, 1})
#include "strata/strata.hpp"

#include <vector>

using namespace strata;

Sequential<Input<4>, Dense<2>> model;

#ifdef WRONG
using array = std::vector<float>;
#else
using array = Tensor<float, 2>;
#endif

void use(const array& x) { model.predict(x); }
