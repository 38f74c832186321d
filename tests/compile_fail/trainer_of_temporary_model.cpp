// expect: trainer: the model is a temporary and would be gone before it is trained; give it a name first
#include <strata/strata.hpp>

using namespace strata::authoring;
using Model = Sequential<Input<3>, Dense<1>>;

int main() {
    Model model;
#ifdef WRONG
    trainer parts(std::move(model), SGD{}, MeanSquaredError{});
#else
    trainer parts(model, SGD{}, MeanSquaredError{});
#endif
    return sizeof(parts) == 0;
}
