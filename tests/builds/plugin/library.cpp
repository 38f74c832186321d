/// A library with a model in it, of which a host sees one plain function.
#include "strata/layers/dense.hpp"
#include "strata/model/sequential.hpp"

#include <cstddef>

using namespace strata::authoring;

extern "C" __attribute__((visibility("default"))) int predict(const float* x, std::size_t samples, float* y) noexcept {
    static const Sequential<Input<2>, Dense<64, Tanh>, Dense<1>> model{3};
    set_threads(2);
    model.predict(x, samples, y);
    return static_cast<int>(threads());
}
