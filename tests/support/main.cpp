// main() of every test program where Catch2 2 has headers only.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
