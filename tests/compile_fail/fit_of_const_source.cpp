// expect: a source of samples is const, but its `read` is not
#include "strata/strata.hpp"

using namespace strata;

struct Lines {
    std::size_t samples() const { return 10; }
#ifdef WRONG
    void read(std::size_t, std::span<float>, std::span<float>) {}
#else
    void read(std::size_t, std::span<float>, std::span<float>) const {}
#endif
};

void train() {
    Sequential<Input<2>, Dense<1>> model;
    const Lines lines;
    compile(model, SGD{}, MeanSquaredError{}).fit(lines, {.epochs = 2});
}
