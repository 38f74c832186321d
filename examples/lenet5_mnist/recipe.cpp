#include "recipe.hpp"

#include "mistakes.hpp"
#include "options.hpp"
#include "report.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <strata/core/text.hpp>
#include <strata/system/atomic_file.hpp>
#include <string>
#include <vector>

namespace lenet5 {

namespace {

using strata::authoring::concat;
using strata::authoring::fixed_text;
using strata::authoring::thousands_text;

void print(const std::string& text) {
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);  // the next seed may take minutes
}

double mean_of(std::span<const double> values) {
    double sum = 0;
    for (const double value : values) sum += value;
    return sum / static_cast<double>(values.size());
}

/// For seconds: other programs disturb some of the trainings.
double median_of(std::span<const double> values) {
    std::vector<double> sorted(values.begin(), values.end());
    std::sort(sorted.begin(), sorted.end());
    return (sorted[(sorted.size() - 1) / 2] + sorted[sorted.size() / 2]) / 2;
}

/// The standard deviation of what the values are a sample of; of a single one, nothing is known.
std::string deviation_text(std::span<const double> values) {
    if (values.size() < 2) return "–";
    const double mean = mean_of(values);
    double squares = 0;
    for (const double value : values) squares += (value - mean) * (value - mean);
    return fixed_text(std::sqrt(squares / static_cast<double>(values.size() - 1)), 3);
}

/// The row of the table in docs/recipes.md, below its head.
std::string row_of(const recipe& chosen, const options& told, std::span<const double> accuracies,
                   std::span<const double> seconds) {
    const std::string non_trainable = chosen.non_trainable == 0 ? "" : " + " + thousands_text(chosen.non_trainable);
    const std::string head =
        concat({"| recipe | parameters | epochs | seconds | ", told.holdout ? "validation" : "test",
                " accuracy | deviation | seeds | command |\n"});
    const std::string measured = concat({fixed_text(median_of(seconds), 2), " | ", fixed_text(mean_of(accuracies), 3),
                                         " % | ", deviation_text(accuracies), " | ", accuracies.size()});
    return concat({head, "|---|---:|---:|---:|---:|---:|---:|---|\n| ", chosen.name, " | ",
                   thousands_text(chosen.trainable), non_trainable, " | ", chosen.epochs, " | ", measured,
                   " | `./run-lenet5.sh ", told.command, "` |\n"});
}

}  // namespace

std::span<const recipe* const> recipes() {
#ifdef LENET5_ALL_RECIPES
    static const recipe* const all[] = {
        &tutorial, &fast, &best, &tiny, &tiny_1500, &lenet5_1998, &lenet5_1998_distorted};
#else
    static const recipe* const all[] = {&tutorial};
#endif
    return all;
}

void run_recipe(const options& told) {
    const recipe& chosen = **std::find_if(recipes().begin(), recipes().end(),
                                          [&](const recipe* each) { return each->name == told.recipe; });
    auto [train, test] = strata::mnist::load(told.data_folder());
    require_images(train.labels.size(), test.labels.size());
    const std::size_t twelfth = train.labels.size() / 12;
    if (told.holdout) {
        test = train.rows(0, twelfth);
        train = train.rows(twelfth, train.labels.size());
    }
    print(concat({"Recipe ", chosen.name, ": ", chosen.summary, ".\nMNIST: ", thousands_text(train.labels.size()),
                  " images to train with, ", thousands_text(test.labels.size()),
                  told.holdout ? " of the validation" : " test images", ".\n\n"}));

    std::vector<double> accuracies, seconds;
    for (std::size_t n = 0; n < told.seeds; ++n) {
        const bool first = n == 0;
        const std::uint64_t seed = told.seed + n;
        const recipe_outcome outcome =
            chosen.train({train, test, seed, told.seeds == 1 ? 1 : 0, first ? told.report : ""});
        const report made{test, outcome.outputs};
        if (first && !told.mistakes.empty()) {
            strata::authoring::write_atomically(told.mistakes, sheet_of_mistakes(test, made.mistakes()));
        }
        accuracies.push_back(100 * made.accuracy());
        seconds.push_back(outcome.seconds);
        print(concat({"seed ", seed, "  ", fixed_text(accuracies.back(), 2), " %  ", fixed_text(seconds.back(), 2),
                      " s of training\n"}));
    }
    print(concat({"mean ", fixed_text(mean_of(accuracies), 3), " %, standard deviation ", deviation_text(accuracies),
                  ", median ", fixed_text(median_of(seconds), 2), " s of training\n\n",
                  row_of(chosen, told, accuracies, seconds)}));
}

}  // namespace lenet5
