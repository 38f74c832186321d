#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <stdexcept>
#include <strata/onnx.hpp>
#include <strata/strata.hpp>
#include <string>
#include <string_view>
#include <vector>

/// What the generated program of the exchange test does for each network.
namespace exchange {

using namespace strata;

constexpr std::size_t samples = 17;

inline void write_floats(const std::string& path, const float* values, std::size_t count) {
    std::FILE* const file = std::fopen(path.c_str(), "wb");
    if (file == nullptr || std::fwrite(values, sizeof(float), count, file) != count || std::fclose(file) != 0)
        throw std::runtime_error(path + " cannot be written");
}

/// Draws the values that an initializer would leave at 0 or 1, so that each of them counts.
inline void draw(std::string_view name, float* values, std::size_t count, random_stream& random) {
    const std::string_view leaf = name.substr(name.rfind('/') + 1);
    const bool around_one = leaf == "gamma" || leaf == "scale" || leaf.ends_with("variance");
    if (leaf.ends_with("kernel")) return;
    for (std::size_t i = 0; i < count; ++i)
        values[i] = static_cast<float>((around_one ? 1.0 : 0.0) + 0.5 * random.symmetric(1));
}

/// Writes FOLDER/NAME.onnx, and beside it what goes into the network and what comes out of it.
template <class Model> void write(const std::string& folder, const std::string& name, std::size_t seed) {
    Model model(seed);
    random_stream random(seed, 1);
    for (const auto& entry : model.value_table())
        draw(entry.name, model.values().data() + entry.offset, entry.size, random);
    std::vector<float> x(samples * Model::input::size), y(samples * Model::output::size);
    for (float& value : x) {
        value = Model::index_count > 0 ? static_cast<float>(random.below(std::max<std::size_t>(1, Model::index_count)))
                                       : static_cast<float>(random.symmetric(3));
    }
    model.predict(x.data(), samples, y.data());
    save_onnx(model, folder + "/" + name + ".onnx");
    write_floats(folder + "/" + name + ".x", x.data(), x.size());
    write_floats(folder + "/" + name + ".y", y.data(), y.size());
}

}  // namespace exchange
