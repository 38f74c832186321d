/// Predicts with models that are a part of the program; counts what it allocates.
#include "blocks.hpp"
#include "lenet5.hpp"
#include "tiny.hpp"
#include "words.hpp"

#include <cstdio>
#include <cstdlib>
#include <new>

namespace {

int allocations = 0;
int faults = 0;

void check(bool good, const char* what, double found) {
    if (good) return;
    std::printf("%s: %g\n", what, found);
    ++faults;
}

}  // namespace

void* operator new(std::size_t size) {
    ++allocations;
    return std::malloc(size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    ++allocations;
    return std::aligned_alloc(static_cast<std::size_t>(alignment), size);
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

const float* weights_of_tiny();
const float* weights_of_words();

int main() {
    const int before = allocations;
    for (const float deviation : {tiny::self_test(), lenet5::self_test(), blocks::self_test(), words::self_test()})
        check(deviation <= 1e-6f, "a self-test", static_cast<double>(deviation));

    static lenet5::workspace memory;
    static unsigned char image[lenet5::input_size];
    static float pixels[lenet5::input_size], of_bytes[lenet5::output_size], of_floats[lenet5::output_size];
    for (std::size_t i = 0; i < lenet5::input_size; ++i) {
        image[i] = static_cast<unsigned char>(i);
        pixels[i] = static_cast<float>(image[i]) * static_cast<float>(1.0 / 255);
    }
    check(lenet5::predict(image, of_bytes, memory) && lenet5::predict(pixels, of_floats), "predict", 0);
    for (std::size_t i = 0; i < lenet5::output_size; ++i)
        check(of_bytes[i] == of_floats[i], "an output of bytes", static_cast<double>(of_bytes[i]));

    const int sentence[] = {0, 1, 2, 3, 7};
    float y[] = {5, 5};
    check(!words::predict(sentence, y) && y[0] == 5, "an index that is none", static_cast<double>(y[0]));
    check(blocks::class_names[2] == "h\303\266chstens drei", "a class's name", 0);
#ifndef ALONE
    check(weights_of_tiny() == tiny::data::weights(), "weights of two files", 0);
    check(weights_of_words() == words::data::weights(), "decoded weights of two files", 0);
#endif
    check(allocations == before, "allocations", allocations - before);
    return faults == 0 ? 0 : 1;
}
