#pragma once

#include "recipe.hpp"

#include <chrono>
#include <cstddef>
#include <strata/data.hpp>
#include <strata/report/html_report.hpp>
#include <strata/strata.hpp>
#include <string>
#include <type_traits>

namespace lenet5 {

namespace detail {

/// Digits for a loss that takes class numbers, rows with a single 1 for one that takes a number for each output.
template <class Loss, class Output> auto targets_of(const strata::mnist::split& digits) {
    if constexpr (strata::authoring::mixes_targets<Loss, Output>)
        return strata::one_hot(digits.labels, 10);
    else
        return digits.labels;
}

/// The images, or the images with the recipe's augmentation.
template <class Recipe> auto inputs_of(const strata::mnist::split& digits) {
    const strata::authoring::array_ref images(digits.images);
    if constexpr (requires { Recipe::augmentation(); })
        return strata::augmented(images, Recipe::augmentation());
    else
        return images;
}

template <class Recipe> recipe_outcome train(const recipe_task& task) {
    using Model = typename Recipe::Model;
    using Loss = decltype(Recipe::loss());

    const auto x = inputs_of<Recipe>(task.training);
    const auto y = targets_of<Loss, typename Model::network::output>(task.training);
    const std::size_t samples = task.training.labels.size();
    const std::size_t steps = Recipe::epochs * ((samples + Recipe::batch_size - 1) / Recipe::batch_size);

    Model model{task.seed};
    auto training = strata::compile(model, Recipe::optimizer(steps), Recipe::loss(), strata::Accuracy{});
    const auto start = std::chrono::steady_clock::now();
    // A training that ends early would be no result: Ctrl-C ends the program.
    const strata::History history = training.fit(x, y,
                                                 {.batch_size = Recipe::batch_size,
                                                  .epochs = Recipe::epochs,
                                                  .verbose = task.verbose,
                                                  .seed = task.seed,
                                                  .stop_on_interrupt = false});
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;

    if (!task.report.empty()) {
        strata::write_html_report(task.report, model, history,
                                  {.title = "LeNet-5 on MNIST, recipe " + std::string(Recipe::name),
                                   .data = {task.evaluation.images, task.evaluation.labels}});
    }
    return {time.count(), model.predict(task.evaluation.images)};
}

}  // namespace detail

/// The recipe of a struct that has
///
///  - `name`, by which --recipe knows it, and `summary`, a line for --list-recipes;
///  - `Model`, the Sequential: images of 28 x 28 x 1 in, the largest of its ten outputs is the digit;
///  - `epochs` and `batch_size`;
///  - `optimizer(steps)`, which is told how many steps the training will have, for schedules;
///  - `loss()`; one that takes rows, such as CategoricalCrossentropy, gets the digits one-hot;
///  - `augmentation()`, an augmentation_list; without it images are trained with as they are.
template <class Recipe> constexpr recipe recipe_of() {
    using Model = typename Recipe::Model;
    return {Recipe::name,       Recipe::summary, Model::parameter_count,
            Model::state_count, Recipe::epochs,  detail::train<Recipe>};
}

}  // namespace lenet5
