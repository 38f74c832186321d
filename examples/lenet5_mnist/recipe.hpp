#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <strata/core/tensor.hpp>
#include <strata/data/mnist.hpp>
#include <string>
#include <string_view>

/// Recipes: networks for MNIST with all that training them needs. `lenet5_mnist --recipe NAME` trains one and measures
/// it.
///
/// To add one: write a file of its own in recipes/, as recipes/fast.cpp is, and put its name below and into the
/// list in recipe.cpp. docs/recipes.md says how recipes are chosen and measured.
namespace lenet5 {

struct options;

/// What a training of a recipe is told.
struct recipe_task {
    const strata::mnist::split& training;
    const strata::mnist::split& evaluation;  ///< the test images, or those of the validation
    std::uint64_t seed;
    int verbose;
    std::string report;  ///< the HTML file to write, if any
};

/// What came of it.
struct recipe_outcome {
    double seconds;                      ///< of fit alone
    strata::Tensor<float, 2> outputs{};  ///< for the images to evaluate with
};

/// A recipe, whatever the type of its network.
struct recipe {
    std::string_view name;
    std::string_view summary;
    std::size_t trainable;      ///< parameters
    std::size_t non_trainable;  ///< values of the network that are not trained, such as moving averages
    std::size_t epochs;
    recipe_outcome (*train)(const recipe_task& task);
};

/// Each stands in recipes/.
extern const recipe tutorial, fast, best, tiny, tiny_1500, lenet5_1998, lenet5_1998_distorted;

/// All recipes, in the order in which they are listed; without CMake's STRATA_RECIPES the tutorial's alone, since each
/// takes half a minute to compile.
std::span<const recipe* const> recipes();

/// Trains the chosen recipe once for each seed, and prints what came of it, and its row of the table in
/// docs/recipes.md. Writes the report and the sheet of mistakes of the first seed.
void run_recipe(const options& chosen);

}  // namespace lenet5
