#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <strata/optimizers/adam.hpp>
#include <strata/optimizers/rmsprop.hpp>
#include <strata/optimizers/sgd.hpp>
#include <string>

/// The command line of lenet5_mnist.
namespace lenet5 {

/// What the user chose; an empty text stands for an option that was not given.
struct options {
    std::string data;
    std::size_t epochs = 5;
    std::size_t batch_size = 32;
    std::string optimizer = "adam";
    std::optional<double> learning_rate;
    std::uint64_t seed = 0;
    std::size_t threads = 0;
    std::string save;
    std::string load;
    std::string history;
    bool holdout = false;
    std::string recipe;
    std::size_t seeds = 1;
    std::string report;
    std::string mistakes;

    std::string command;  ///< the arguments as they were given

    std::optional<std::filesystem::path> data_folder() const {
        if (data.empty()) return std::nullopt;
        return data;
    }

    /// Finds out before the training whether its results can be written. Throws file_error.
    void require_writable_outputs() const;

    /// Calls f with the optimizer, Keras' defaults in all that was not chosen.
    template <class F> void with_optimizer(F&& f) const {
        const auto call = [&](auto chosen) {
            if (learning_rate) chosen.learning_rate = *learning_rate;
            f(chosen);
        };
        if (optimizer == "sgd") {
            call(strata::SGD{});
        } else if (optimizer == "rmsprop") {
            call(strata::RMSprop{});
        } else {
            call(strata::Adam{});
        }
    }
};

/// The options of a command line. Prints the help and ends the program with 0, or a sentence about what is wrong and
/// ends it with 2.
options options_or_exit(int argc, char** argv);

}  // namespace lenet5
