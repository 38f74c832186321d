// expect: compile: the model is a temporary and would be gone before it is trained; give it a name first
#include <strata/strata.hpp>

using namespace strata;
using Model = Sequential<Input<3>, Dense<1>>;

int main() {
#ifdef WRONG
    auto parts = compile(Model{}, SGD{}, MeanSquaredError{});
#else
    Model model;
    auto parts = compile(model, SGD{}, MeanSquaredError{});
#endif
    return sizeof(parts) == 0;
}
