// expect: fit and evaluate take x and y, or a source of samples, which needs `std::size_t samples() const`
#include "strata/strata.hpp"

using namespace strata;

struct Lines {
    std::size_t samples() const { return 10; }
#ifdef WRONG
    void read(std::size_t, std::span<float>) {}
#else
    void read(std::size_t, std::span<float>, std::span<float>) {}
#endif
};

void train() {
    Sequential<Input<2>, Dense<1>> model;
    compile(model, SGD{}, MeanSquaredError{}).fit(Lines{}, {.epochs = 2});
}
