// expect: parameters, values, weights: the model is a temporary and would be gone before they are used
#include <strata/strata.hpp>

using namespace strata;
using Model = Sequential<Input<3>, Dense<1>>;

int main() {
#ifdef WRONG
    const auto parameters = Model{}.parameters();
#else
    const Model model;
    const auto parameters = model.parameters();
#endif
    return parameters.empty();
}
