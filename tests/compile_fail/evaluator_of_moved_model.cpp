// expect: evaluator: the model is a temporary and would be gone before it is evaluated; give it a name first
#include <strata/strata.hpp>

using namespace strata;
using Model = Sequential<Input<3>, Dense<1>>;

int main() {
    const Model model;
#ifdef WRONG
    auto parts = evaluator(std::move(model), MeanSquaredError{});
#else
    auto parts = evaluator(model, MeanSquaredError{});
#endif
    return sizeof(parts) == 0;
}
