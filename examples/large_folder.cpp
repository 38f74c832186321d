/// Trains from a folder of images that is larger than the memory that it allows itself: docs/data_sources.md.
///     large_folder     run where data/ is

#include <sys/resource.h>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <strata/image_folder.hpp>
#include <strata/strata.hpp>
#include <string>

using namespace strata;

/// Makes a folder of many names for the few images of another one.
void make_links(const std::filesystem::path& folder, const image_files& images, std::size_t count) {
    std::filesystem::remove_all(folder);
    for (const std::string& name : images.class_names()) std::filesystem::create_directories(folder / name);
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t image = i % images.samples();
        const auto name = folder / images.class_names()[images.label(image)] / (std::to_string(i) + ".png");
        std::filesystem::create_symlink(images.path(image), name);
    }
}

int main() try {
    const auto folder = std::filesystem::temp_directory_path() / "strata_large_folder";
    make_links(folder, image_files("data/textures/train"), 2'000);
    set_threads(2);                             // each has a stack
    const rlimit memory{40u << 20, 40u << 20};  // 40 MiB
    if (setrlimit(RLIMIT_DATA, &memory) != 0) return 1;

    const image_files images(folder, {.height = 128, .width = 128, .follow_links = true});  // 98 MB of pixels
    Sequential<Input<128, 128, 3>, Conv2D<8, Strides<4>, ReLU>, GlobalAveragePooling2D<>, Dense<3, Softmax>> model;
    auto training = compile(model, Adam{.learning_rate = 0.01}, SparseCategoricalCrossentropy{}, Accuracy{});
    training.fit(images, {.epochs = 1, .verbose = 2});
    std::filesystem::remove_all(folder);
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    std::printf("%zu images of %d kB in %ld MB of memory\n", images.samples(), 128 * 128 * 3 / 1000,
                used.ru_maxrss / 1000);
} catch (const std::exception& error) {
    std::fprintf(stderr, "large_folder: %s\n", error.what());
    return 1;
}
