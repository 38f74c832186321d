#include "options.hpp"

#include "recipe.hpp"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <strata/system/atomic_file.hpp>
#include <string>
#include <string_view>
#include <system_error>

namespace lenet5 {

namespace {

/// What --help prints; run-lenet5.sh reads it, too.
constexpr const char* help =
#include "help.txt"
    ;

/// Accepts plain digits from `least` to `most`; CLI11 itself would take -1 for a large number, and read 010 as 8 if it
/// were left as it is.
CLI::Validator whole_number(std::uint64_t least, std::uint64_t most) {
    return {[=](std::string& text) {
                std::uint64_t value = 0;
                const char* const end = text.data() + text.size();
                const auto [read, error] = std::from_chars(text.data(), end, value);
                if (error == std::errc{} && read == end && least <= value && value <= most) {
                    text = std::to_string(value);
                    return std::string{};
                }
                return "a whole number from " + std::to_string(least) + " to " + std::to_string(most) +
                       " is needed, not \"" + text + '"';
            },
            ""};
}

CLI::Validator positive_number() {
    return {[](std::string& text) {
                double value = 0;
                const char* const end = text.data() + text.size();
                const auto [read, error] = std::from_chars(text.data(), end, value);
                if (error == std::errc{} && read == end && std::isfinite(value) && value > 0) return std::string{};
                return "a number above 0 is needed, not \"" + text + '"';
            },
            ""};
}

CLI::Validator one_of(std::string_view a, std::string_view b, std::string_view c) {
    return {[=](std::string& text) {
                if (text == a || text == b || text == c) return std::string{};
                return std::string(a).append(", ").append(b).append(" or ").append(c) + " is needed, not \"" + text +
                       '"';
            },
            ""};
}

CLI::Validator recipe_name() {
    return {[](std::string& text) {
                std::string known;
                for (const recipe* each : recipes()) {
                    if (text == each->name) return std::string{};
                    known.append(known.empty() ? "" : ", ").append(each->name);
                }
                const bool all = recipes().size() > 1;
                return "there is no recipe \"" + text + "\" here, but " + known +
                       (all ? "" : "; all of docs/recipes.md are there with CMake's -DSTRATA_RECIPES=ON");
            },
            ""};
}

CLI::Validator not_empty() {
    return {[](std::string& text) { return std::string(text.empty() ? "a name is needed, not an empty text" : ""); },
            ""};
}

[[noreturn]] void refuse(const std::string& why) {
    std::fprintf(stderr, "lenet5_mnist: %s (--help shows all options)\n", why.c_str());
    std::exit(2);
}

void list_recipes() {
    for (const recipe* each : recipes()) {
        std::printf("%-20s %s\n", std::string(each->name).c_str(), std::string(each->summary).c_str());
    }
}

/// Throws ValidationError for options that do not go together.
void require_consistent(const CLI::App& app, const options& chosen) {
    for (const char* fixed : {"--epochs", "--batch-size", "--optimizer", "--learning-rate"}) {
        if (!chosen.recipe.empty() && app.count(fixed) > 0) {
            throw CLI::ValidationError(fixed, "the recipe says that");
        }
    }
    for (const char* other : {"--save", "--load", "--history"}) {
        if (!chosen.recipe.empty() && app.count(other) > 0) {
            throw CLI::ValidationError(other, "this is not for recipes");
        }
    }
    for (const char* of_recipes : {"--seeds", "--report", "--mistakes"}) {
        if (chosen.recipe.empty() && app.count(of_recipes) > 0) {
            throw CLI::ValidationError(of_recipes, "this is for recipes (--recipe)");
        }
    }
    if (!chosen.history.empty() && chosen.epochs == 0) {
        throw CLI::ValidationError("--history", "0 epochs have no history");
    }
    if (!chosen.save.empty() && chosen.save == chosen.history) {
        throw CLI::ValidationError("--history", "--save writes to the same file");
    }
    if (!chosen.report.empty() && chosen.report == chosen.mistakes) {
        throw CLI::ValidationError("--mistakes", "--report writes to the same file");
    }
}

/// Goes as far as the real writer does before the first byte, and leaves nothing behind.
void require_writable(const std::filesystem::path& path) {
    struct only_asked {};
    try {
        strata::authoring::write_atomically(path, [](strata::authoring::output_file&) { throw only_asked{}; });
    } catch (const only_asked&) {
    }
}

}  // namespace

void options::require_writable_outputs() const {
    for (const std::string& path : {save, history, report, mistakes}) {
        if (!path.empty()) require_writable(path);
    }
}

options options_or_exit(int argc, char** argv) {
    options chosen;
    CLI::App app;
    constexpr std::uint64_t largest = std::numeric_limits<std::uint32_t>::max();

    const auto add = [&](const char* name, auto& value, const CLI::Validator& check) {
        app.add_option(name, value)->transform(check);
    };
    add("--data", chosen.data, not_empty());
    add("--epochs", chosen.epochs, whole_number(0, 1'000'000));
    add("--batch-size", chosen.batch_size, whole_number(1, largest));
    add("--optimizer", chosen.optimizer, one_of("adam", "sgd", "rmsprop"));
    add("--learning-rate", chosen.learning_rate, positive_number());
    add("--seed", chosen.seed, whole_number(0, std::numeric_limits<std::uint64_t>::max()));
    add("--threads", chosen.threads, whole_number(1, 1024));
    add("--save", chosen.save, not_empty());
    add("--load", chosen.load, not_empty());
    add("--history", chosen.history, not_empty());
    app.add_flag("--holdout", chosen.holdout);
    add("--recipe", chosen.recipe, recipe_name());
    add("--seeds", chosen.seeds, whole_number(1, 1'000'000));
    add("--report", chosen.report, not_empty());
    add("--mistakes", chosen.mistakes, not_empty());
    bool lists_recipes = false;
    app.add_flag("--list-recipes", lists_recipes);

    try {
        app.parse(argc, argv);
        if (!chosen.recipe.empty() && chosen.report.empty()) chosen.report = chosen.recipe + ".html";
        require_consistent(app, chosen);
    } catch (const CLI::CallForHelp&) {
        std::fputs(help, stdout);
        std::exit(0);
    } catch (const CLI::ArgumentMismatch& error) {
        const std::string_view option =
            std::string_view(error.what()).substr(0, std::string_view(error.what()).find(':'));
        refuse(std::string(option) + ": exactly one value is needed");
    } catch (const CLI::ParseError& error) {
        refuse(error.what());
    }
    if (lists_recipes) {
        list_recipes();
        std::exit(0);
    }
    for (int i = 1; i < argc; ++i) chosen.command.append(i > 1 ? " " : "").append(argv[i]);
    return chosen;
}

}  // namespace lenet5
