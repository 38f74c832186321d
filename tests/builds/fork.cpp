/// Children of a process predict and train; its argument says what the process did before. One that hangs is killed.
#include "strata/layers/dense.hpp"
#include "strata/losses/regression.hpp"
#include "strata/model/sequential.hpp"
#include "strata/optimizers/sgd.hpp"
#include "strata/training/trainer.hpp"

#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdio>
#include <string_view>
#include <thread>
#include <vector>

using namespace strata::authoring;

namespace {

using Model = Sequential<Input<4>, Dense<8, Tanh>, Dense<2>>;
constexpr std::size_t rows = 2000;

Tensor<float, 2> counted(std::size_t columns) {
    Tensor<float, 2> values(std::array<std::size_t, 2>{rows, columns});
    float next = 0;
    for (float& value : values) value = (next += 0.001f) - 4;
    return values;
}

/// All that a process can do with a model: predictions, losses, parameters.
std::vector<double> work() {
    const auto x = counted(4), y = counted(2);
    Model model{1};
    auto training = compile(model, SGD{}, MeanSquaredError{});
    training.fit(x, y, {.batch_size = 200, .verbose = 0});
    const auto predictions = model.predict(x);
    std::vector<double> all(predictions.begin(), predictions.end());
    all.push_back(training.evaluate(x, y, {.verbose = 0})[0]);
    all.insert(all.end(), model.parameters().begin(), model.parameters().end());
    return all;
}

/// Whether a child does its work, and ends, within a minute.
template <class Work> bool child_succeeds(Work&& work) {
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child == 0) {
        alarm(60);
        const int status = work() ? 0 : 1;
        std::fflush(nullptr);
        _exit(status);  // as Python's multiprocessing: exit() would have the OpenMP of the parent clean up
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool same(const char* who, const std::vector<double>& found, const std::vector<double>& expected) {
    if (found == expected) return true;
    std::printf("%s computes something else\n", who);
    return false;
}

bool expect(const char* what, bool holds) {
    if (!holds) std::printf("%s: no\n", what);
    return holds;
}

void own_region() {
#pragma omp parallel num_threads(2)
    { asm volatile("" ::: "memory"); }
}

}  // namespace

int main(int, char** argv) {
    set_threads(2);
    const std::string_view before = argv[1];
    if (before == "nothing") {
        bool good = true;
        std::vector<double> expected;
        // A process without threads loses none.
        good &= expect("the child has threads", child_succeeds([] { return threads() == 2 && !work().empty(); }));
        expected = work();
        good &= expect("the parent still has threads", threads() == 2);
        good &= expect("a second child works", child_succeeds([&] { return same("it", work(), expected); }));
        return good ? 0 : 1;
    }
    if (before == "own_region") {
        own_region();
        return expect("the child works", child_succeeds([] { return threads() == 1 && !work().empty(); })) ? 0 : 1;
    }
    const std::vector<double> expected = work();
    if (before == "work") {
        const auto child = [&] { return threads() == 1 && same("the child", work(), expected); };
        bool good = expect("the child works", child_succeeds(child));
        good &= expect("a thread of the child works", child_succeeds([&] {
                           bool works = false;
                           std::thread([&] { works = child(); }).join();
                           return works;
                       }));
        good &= expect("a child of the child works", child_succeeds([&] { return child_succeeds(child); }));
        return good && threads() == 2 && same("the parent", work(), expected) ? 0 : 1;
    }
    // Another thread is at work all the time.
    std::atomic<bool> stop{false};
    std::thread busy([&] {
        while (!stop) work();
    });
    bool good = true;
    for (int i = 0; i < 10; ++i)
        good &= expect("the child works", child_succeeds([&] { return same("the child", work(), expected); }));
    stop = true;
    busy.join();
    return good ? 0 : 1;
}
