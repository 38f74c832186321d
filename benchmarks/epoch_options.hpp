#pragma once

#include "samples.hpp"

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <strata/training/options.hpp>

/// The options of programs that compare epochs of LeNet-5 on random images.
struct epoch_options {
    std::size_t samples = 20'000, threads = 0;
    strata::fit_options fit{.verbose = 0};

    void add_to(CLI::App& app) {
        app.add_option("--samples", samples)->capture_default_str();
        app.add_option("--batch-size", fit.batch_size)->capture_default_str();
        app.add_option("--threads", threads, "0: all")->capture_default_str();
    }

    samples::split<std::uint8_t> images() const { return samples::random_split<std::uint8_t>({samples, 28, 28, 1}, 1); }
};
