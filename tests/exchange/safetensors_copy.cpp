// Copies a safetensors file: safetensors_copy FROM TO. Says of each tensor its name, shape and, as doubles, its values.
#include "strata/io/safetensors.hpp"

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

using namespace strata::authoring;

namespace {

void copy(const char* from, const char* to) {
    const safetensors_file file = safetensors_file::read(from);
    std::vector<tensor_view> tensors;
    for (const std::string& name : file.names()) {
        tensors.push_back(file.at(name));
        std::printf("%s", name.c_str());
        for (const std::size_t extent : tensors.back().extents) std::printf(" %zu", extent);
        std::printf(":");
        if (is_convertible(tensors.back().type)) {
            for (const double value : file.values<double>(name)) std::printf(" %.17g", value);
        }
        std::printf("\n");
    }
    write_safetensors(to, tensors, file.metadata());
}

}  // namespace

int main(int argument_count, char** arguments) {
    if (argument_count != 3) return 2;
    try {
        copy(arguments[1], arguments[2]);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
