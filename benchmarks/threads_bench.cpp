/// LeNet-5 on several numbers of threads, alone and beside competitors: processes that keep a processor busy each.

#include "lenet5.hpp"
#include "measure.hpp"
#include "samples.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <strata/strata.hpp>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

using namespace strata::authoring;

namespace {

struct settings {
    std::vector<std::size_t> threads{1, 2, 3, 8, 64};
    std::size_t competitors = 1;
    std::size_t samples = 30'000;
    std::size_t batch_size = 32;
    std::size_t epochs = 11;
};

/// Processes that compute without end, for as long as this object lives.
class competitors {
public:
    explicit competitors(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            const pid_t child = ::fork();
            if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
            if (child == 0) spin();
            processes_.push_back(child);
        }
        if (count > 0) std::this_thread::sleep_for(std::chrono::milliseconds(200));  // until the scheduler knows them
    }
    ~competitors() {
        for (const pid_t process : processes_) {
            ::kill(process, SIGKILL);
            ::waitpid(process, nullptr, 0);
        }
    }
    competitors(const competitors&) = delete;
    competitors& operator=(const competitors&) = delete;

private:
    [[noreturn]] static void spin() {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (volatile std::uint64_t turns = 0;;) turns = turns + 1;
    }

    std::vector<pid_t> processes_;
};

using images = samples::split<std::uint8_t>;

double seconds_of_epoch(const settings& chosen, const images& data) {
    LeNet5 model;
    auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{});
    return measure::median_seconds(chosen.epochs, [&] {
        training.fit(data.images, data.labels, {.batch_size = chosen.batch_size, .verbose = 0});
    });
}

/// What a barrier costs a step, in microseconds.
double barrier_microseconds() {
    constexpr int rounds = 2000;
    return 1e6 / rounds * measure::median_seconds(5, [&] {
               parallel(threads(), [&](team& all, std::size_t) {
                   for (int round = 0; round < rounds; ++round) all.barrier();
               });
           });
}

void run(const settings& chosen) {
    const images data = samples::random_split<std::uint8_t>({chosen.samples, 28, 28, 1}, 1);
    using measure::counted;
    std::printf("LeNet-5, %s, batch %zu, Adam; medians of %s; %s by default\n",
                counted(chosen.samples, "image").c_str(), chosen.batch_size, counted(chosen.epochs, "epoch").c_str(),
                counted(threads(), "thread").c_str());
    const std::string others = "beside " + counted(chosen.competitors, "competitor") + ":  epoch";
    std::printf("%7s %12s %12s %30s %12s\n", "threads", "epoch", "barrier", others.c_str(), "factor");
    for (const std::size_t count : chosen.threads) {
        set_threads(count);
        const double alone = seconds_of_epoch(chosen, data), barrier = barrier_microseconds();
        const competitors others(chosen.competitors);
        const double beside = seconds_of_epoch(chosen, data);
        std::printf("%7zu %10.4f s %9.2f us %28.4f s %12.2f\n", count, alone, barrier, beside, beside / alone);
        std::fflush(stdout);
    }
}

}  // namespace

int main(int argc, char** argv) {
    settings chosen;
    CLI::App app{"Measures what threads bring to LeNet-5, alone and beside programs that keep processors busy."};
    app.add_option("--threads", chosen.threads, "numbers of threads (default: 1 2 3 8 64)")
        ->type_name("N...")
        ->check(CLI::Range(1, 1024));
    app.add_option("--competitors", chosen.competitors, "processes that spin (default: 1)")
        ->type_name("N")
        ->check(CLI::Range(0, 1024));
    app.add_option("--samples", chosen.samples, "images of an epoch (default: 30000)")
        ->type_name("N")
        ->check(CLI::Range(1, 10'000'000));
    app.add_option("--batch", chosen.batch_size, "batch size (default: 32)")
        ->type_name("N")
        ->check(CLI::Range(1, 65'536));
    app.add_option("--epochs", chosen.epochs, "epochs to take the median of (default: 11)")
        ->type_name("N")
        ->check(CLI::Range(1, 1000));
    CLI11_PARSE(app, argc, argv);
    try {
        run(chosen);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "threads_bench: %s\n", error.what());
        return 1;
    }
}
