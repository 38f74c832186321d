# How our own programs (tests, examples, benchmarks) are compiled. Nothing here reaches a user of strata::strata.

set(STRATA_MARCH "native" CACHE STRING "Value of -march for our own programs; empty: the compiler's default")

if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release, RelWithDebInfo, …" FORCE)
endif()

add_library(strata_program_flags INTERFACE)
target_compile_options(strata_program_flags INTERFACE -Wall -Wextra -Wpedantic)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # g++ 12 warns about its own AVX-512 headers, a hundred times for each program.
    target_compile_options(strata_program_flags INTERFACE -Wno-uninitialized)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # By default g++ collects garbage from 128 MB on, which takes 5 to 10 % of its time; from 512 MB on it rarely does,
    # and the largest files take a quarter more memory.
    target_compile_options(strata_program_flags INTERFACE --param=ggc-min-heapsize=524288)
endif()
if(STRATA_MARCH)
    target_compile_options(strata_program_flags INTERFACE -march=${STRATA_MARCH})
endif()
target_compile_definitions(strata_program_flags INTERFACE STRATA_MNIST_DIR="${PROJECT_SOURCE_DIR}/data/mnist")
