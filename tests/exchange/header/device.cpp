/// What a device would run: one model, without anything of a system.
#include "blocks.hpp"

int main() {
    static blocks::workspace memory;
    return blocks::self_test(memory) <= 1e-6f ? 0 : 1;
}
