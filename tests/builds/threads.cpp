/// Prints how many threads fit would use.

#include <cstdio>
#include <strata/core/parallel.hpp>

int main() { std::printf("%zu\n", strata::threads()); }
