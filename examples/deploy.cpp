/// A model that is a part of the program: no file, no allocation, no exception. Its header is what
/// `strata-convert header tests/data/compat/model_1.safetensors -o examples/deploy/tiny.hpp` writes.

#include "deploy/tiny.hpp"

#include <cstdio>

int main() {
    static tiny::workspace memory;  // or tiny::predict(x, &y), with memory of the thread's own
    const float x[tiny::input_size] = {0.5f, 0.25f, 1.0f};
    float y;
    tiny::predict(x, &y, memory);
    std::printf("%.4f, in %zu bytes\n", static_cast<double>(y), sizeof memory);
    return tiny::self_test(memory) < 1e-5f ? 0 : 1;
}
