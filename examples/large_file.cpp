/// The snippets of docs/data_sources.md: trains from a text file that is larger than the memory that it allows itself.

#include <sys/resource.h>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <span>
#include <strata/strata.hpp>
#include <string>
#include <vector>

using namespace strata;

/// Writes lines of eight numbers and a class, which is how many of the first two are positive.
void write_lines(const char* path, std::size_t count) {
    std::ofstream file(path);
    random_stream random(1, 0);
    for (std::size_t n = 0; n < count; ++n) {
        double values[8];
        for (double& value : values) file << (value = random.symmetric(1)) << ' ';
        file << (values[0] > 0) + (values[1] > 0) << '\n';
    }
}

struct Lines {
    explicit Lines(const char* path) : file(path, std::ios::binary) {
        for (std::uint64_t begin = 0; std::getline(file, line); begin += line.size() + 1) begins.push_back(begin);
        file.clear();
    }
    std::size_t samples() const { return begins.size(); }
    void read(std::size_t sample, std::span<float> x, std::span<std::int32_t> y) {
        file.seekg(static_cast<std::streamoff>(begins[sample]));
        if (!std::getline(file, line)) throw file_error("large_file.txt: it has become shorter");
        char* next = line.data();
        for (float& value : x) value = std::strtof(next, &next);
        y[0] = static_cast<std::int32_t>(std::strtol(next, &next, 10));
    }

    std::ifstream file;
    std::string line;
    std::vector<std::uint64_t> begins;  // of the lines
};

int main() try {
    write_lines("large_file.txt", 600'000);     // 48 MB
    set_threads(2);                             // each has a stack
    const rlimit memory{40u << 20, 40u << 20};  // 40 MiB
    if (setrlimit(RLIMIT_DATA, &memory) != 0) return 1;

    Lines lines("large_file.txt");
    Sequential<Input<8>, Dense<16, Tanh>, Dense<3, Softmax>> model;
    auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{});
    training.fit(lines, {.batch_size = 64, .epochs = 2, .validation_split = 0.1, .verbose = 2});
} catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
