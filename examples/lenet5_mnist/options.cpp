#include "options.hpp"

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

CLI::Validator not_empty() {
    return {[](std::string& text) { return std::string(text.empty() ? "a name is needed, not an empty text" : ""); },
            ""};
}

[[noreturn]] void refuse(const std::string& why) {
    std::fprintf(stderr, "lenet5_mnist: %s (--help shows all options)\n", why.c_str());
    std::exit(2);
}

/// Goes as far as the real writer does before the first byte, and leaves nothing behind.
void require_writable(const std::filesystem::path& path) {
    struct only_asked {};
    try {
        strata::write_atomically(path, [](strata::output_file&) { throw only_asked{}; });
    } catch (const only_asked&) {
    }
}

}  // namespace

void options::require_writable_outputs() const {
    for (const std::string& path : {save, history}) {
        if (!path.empty()) require_writable(path);
    }
}

options options_or_exit(int argc, char** argv) {
    options chosen;
    CLI::App app{"Trains LeNet-5 on MNIST and shows what it makes of the 10,000 test images."};
    constexpr std::uint64_t largest = std::numeric_limits<std::uint32_t>::max();

    const auto add = [&](const char* name, auto& value, const char* what, const char* kind,
                         const CLI::Validator& check) {
        app.add_option(name, value, what)->type_name(kind)->transform(check);
    };
    add("--data", chosen.data,
        "folder of MNIST's four files (default: $STRATA_MNIST_DIR, then data/mnist here or above, then the copy that "
        "comes with strata)",
        "DIR", not_empty());
    add("--epochs", chosen.epochs, "times that all images are trained with (default: 5; 0 trains nothing)", "N",
        whole_number(0, 1'000'000));
    add("--batch-size", chosen.batch_size, "images in a step (default: 32)", "N", whole_number(1, largest));
    add("--optimizer", chosen.optimizer, "adam, sgd or rmsprop (default: adam)", "NAME",
        one_of("adam", "sgd", "rmsprop"));
    add("--learning-rate", chosen.learning_rate, "size of a step (default: Keras', 0.001; 0.01 for sgd)", "RATE",
        positive_number());
    add("--seed", chosen.seed, "fixes the start values and the order of the images (default: 0)", "N",
        whole_number(0, std::numeric_limits<std::uint64_t>::max()));
    add("--threads", chosen.threads, "threads (default: all cores); the results are the same with any number", "N",
        whole_number(1, 1024));
    add("--save", chosen.save, "write the trained parameters to this file (safetensors)", "FILE", not_empty());
    add("--load", chosen.load, "start from the parameters in this file (safetensors)", "FILE", not_empty());
    add("--history", chosen.history, "write loss and accuracy of each epoch to this file (CSV)", "FILE", not_empty());
    app.add_flag("--holdout", chosen.holdout, "leave the 5,000 validation images out of the training");

    try {
        app.parse(argc, argv);
        if (!chosen.history.empty() && chosen.epochs == 0) {
            throw CLI::ValidationError("--history", "0 epochs have no history");
        }
        if (!chosen.save.empty() && chosen.save == chosen.history) {
            throw CLI::ValidationError("--history", "--save writes to the same file");
        }
    } catch (const CLI::CallForHelp&) {
        std::fputs(app.help().c_str(), stdout);
        std::exit(0);
    } catch (const CLI::ArgumentMismatch& error) {
        const std::string_view option =
            std::string_view(error.what()).substr(0, std::string_view(error.what()).find(':'));
        refuse(std::string(option) + ": exactly one value is needed");
    } catch (const CLI::ParseError& error) {
        refuse(error.what());
    }
    return chosen;
}

}  // namespace lenet5
