/// Prints how many threads fit would use.

#include <cstdio>
#include <strata/system/parallel.hpp>

int main() { std::printf("%zu\n", strata::authoring::threads()); }
