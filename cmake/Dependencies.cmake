# Each dependency is looked for on the system first; what is missing is fetched at a pinned commit. To try another
# version, point FETCHCONTENT_SOURCE_DIR_XTENSOR, _XTL, _XSIMD, _CATCH2, _CLI11, _JSON or _BENCHMARK at a local checkout:
# it then comes before what is on the system.

include(FetchContent)

# Of a header-only library only the headers are taken: its own CMake files, options, tests and install rules stay out.
# (SOURCE_SUBDIR names a folder without a CMakeLists.txt. The headers of an IMPORTED target are SYSTEM headers.)
function(strata_fetch_headers name target repository commit)
    message(STATUS "strata: fetching ${name}")
    FetchContent_Declare(${name} GIT_REPOSITORY ${repository} GIT_TAG ${commit} SOURCE_SUBDIR headers-only)
    FetchContent_MakeAvailable(${name})
    if(NOT TARGET ${target})
        add_library(${target} INTERFACE IMPORTED GLOBAL)
    endif()
    target_include_directories(${target} INTERFACE ${${name}_SOURCE_DIR}/include)
    strata_remember_fetched(${name} ${${name}_SOURCE_DIR})
endfunction()

# A library that must be compiled brings its own CMake files; EXCLUDE_FROM_ALL keeps it out of `install`.
function(strata_fetch_library name repository commit)
    message(STATUS "strata: fetching ${name}")
    FetchContent_Declare(${name} GIT_REPOSITORY ${repository} GIT_TAG ${commit} SOURCE_SUBDIR added-below)
    FetchContent_MakeAvailable(${name})
    add_subdirectory(${${name}_SOURCE_DIR} ${${name}_BINARY_DIR} EXCLUDE_FROM_ALL)
endfunction()

# The consumer tests hand these on, so that nothing is fetched twice.
function(strata_remember_fetched name folder)
    string(TOUPPER ${name} upper)
    set_property(GLOBAL APPEND PROPERTY STRATA_FETCHED -DFETCHCONTENT_SOURCE_DIR_${upper}=${folder})
endfunction()

# find_package, unless the target exists already or a local checkout was named. GLOBAL, so that a project which adds
# strata as a subdirectory sees the targets that strata::strata links.
macro(strata_find name package target)
    string(TOUPPER ${name} _strata_upper)
    if(NOT TARGET ${target} AND NOT FETCHCONTENT_SOURCE_DIR_${_strata_upper})
        find_package(${package} QUIET ${ARGN})
        if(TARGET ${target})
            message(STATUS "strata: found ${name} ${${package}_VERSION}")
            set_target_properties(${target} PROPERTIES IMPORTED_GLOBAL TRUE)
        endif()
    endif()
endmacro()

macro(strata_find_core_dependencies)
    # In this order, because the package of xtensor looks for the other two itself.
    strata_find(xtl xtl xtl)
    strata_find(xsimd xsimd xsimd)
    if(NOT TARGET xsimd)
        strata_fetch_headers(xsimd xsimd https://github.com/xtensor-stack/xsimd.git
                             e88a72831858123924f7118f345dfe5d70d95991)  # 14.3.0
    endif()
    strata_find(xtensor xtensor xtensor)
    if(NOT TARGET xtensor)  # with its own xtl, since each xtensor wants another one
        strata_fetch_headers(xtl xtensor https://github.com/xtensor-stack/xtl.git
                             c52350e283b98e5d69dbc50726925a1f8e16c57c)  # 0.8.2
        strata_fetch_headers(xtensor xtensor https://github.com/xtensor-stack/xtensor.git
                             f115228a7fc277b9be1bef34572831f8fd53ac73)  # 0.27.1
    endif()

    # Optional; -DCMAKE_DISABLE_FIND_PACKAGE_OpenMP=ON (or _ZLIB) does without.
    strata_find(OpenMP OpenMP OpenMP::OpenMP_CXX COMPONENTS CXX)
    if(NOT TARGET OpenMP::OpenMP_CXX)
        message(STATUS "strata: no OpenMP: one thread, same results")
    endif()
    strata_find(zlib ZLIB ZLIB::ZLIB)
    if(NOT TARGET ZLIB::ZLIB)
        message(STATUS "strata: no zlib: .gz files cannot be read")
    endif()
endmacro()

# For strata::images alone: what reads no image files needs neither.
macro(strata_find_image_libraries)
    strata_find(png PNG PNG::PNG)
    strata_find(jpeg JPEG JPEG::JPEG)
    if(NOT TARGET PNG::PNG OR NOT TARGET JPEG::JPEG)
        message(STATUS "strata: no libpng or no libjpeg: no strata::images")
    endif()
endmacro()

macro(strata_find_json)
    strata_find(json nlohmann_json nlohmann_json::nlohmann_json)
    if(NOT TARGET nlohmann_json::nlohmann_json)
        strata_fetch_headers(json nlohmann_json::nlohmann_json https://github.com/nlohmann/json.git
                             9cca280a4d0ccf0c08f47a99aa71d1b0e52f8d03)  # 3.11.3
    endif()
endmacro()

macro(strata_find_cli11)
    strata_find(cli11 CLI11 CLI11::CLI11)
    if(NOT TARGET CLI11::CLI11)
        strata_fetch_headers(cli11 CLI11::CLI11 https://github.com/CLIUtils/CLI11.git
                             cbd58a3696887b34c70949aef21a71735a0c2ad5)  # 2.7.2
    endif()
endmacro()

macro(strata_find_catch2)
    strata_find(catch2 Catch2 Catch2::Catch2)
    if(NOT TARGET Catch2::Catch2)
        strata_fetch_library(catch2 https://github.com/catchorg/Catch2.git
                             fa43b77429ba76c462b1898d6cd2f2d7a9416b14)  # 3.7.1
        set(Catch2_VERSION 3.7.1)
    endif()
endmacro()

macro(strata_find_benchmark)
    strata_find(benchmark benchmark benchmark::benchmark)
    if(NOT TARGET benchmark::benchmark)
        set(BENCHMARK_ENABLE_TESTING OFF CACHE INTERNAL "strata runs its own tests only")
        set(BENCHMARK_ENABLE_INSTALL OFF CACHE INTERNAL "strata installs its own files only")
        strata_fetch_library(benchmark https://github.com/google/benchmark.git
                             192ef10025eb2c4cdd392bc502f0c852196baa48)  # 1.9.5
    endif()
endmacro()
