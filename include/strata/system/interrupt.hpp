#pragma once

#include "strata/config.hpp"

#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <mutex>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Notices Ctrl-C (SIGINT) for as long as one lives, so that long work can end in good order. It is noticed once in a
/// program: a second one ends it, as it would have done. A program that handles or ignores SIGINT itself is left alone.
/// Any number of threads may have one.
class interrupt_watch {
public:
    /// With `watches` false it notices nothing.
    STRATA_OUT_OF_LINE explicit interrupt_watch(bool watches = true) {
        const std::lock_guard lock(mutex());
        if (!watches || interrupted() != 0) return;
        watches_ = true;
        if (count()++ > 0) return;
        const handler before = std::signal(SIGINT, &interrupt_watch::notice);
        if (before != SIG_DFL && before != SIG_ERR) std::signal(SIGINT, before);
    }

    interrupt_watch(const interrupt_watch&) = delete;
    interrupt_watch& operator=(const interrupt_watch&) = delete;

    STRATA_OUT_OF_LINE ~interrupt_watch() {
        const std::lock_guard lock(mutex());
        if (!watches_ || --count() > 0) return;
        const handler now = std::signal(SIGINT, SIG_DFL);
        if (now != &interrupt_watch::notice && now != SIG_ERR) std::signal(SIGINT, now);
    }

    /// Whether Ctrl-C was pressed since this watch began.
    bool was_interrupted() const { return watches_ && interrupted() != 0; }

private:
    using handler = void (*)(int);

    static void notice(int) {
        interrupted() = 1;
        std::signal(SIGINT, SIG_DFL);
    }

    static std::mutex& mutex() {
        static std::mutex one;
        return one;
    }
    static int& count() {
        static int watches = 0;
        return watches;
    }
    static std::atomic<int>& interrupted() {
        static std::atomic<int> flag{0};
        return flag;
    }

    bool watches_ = false;
};

namespace detail {

/// Says why training ends.
STRATA_OUT_OF_LINE inline void tell_of_interrupt(std::uint64_t steps) {
    std::fprintf(stderr, "\nfit: interrupted (Ctrl-C) after %llu steps; the model is whole, as of that step\n",
                 static_cast<unsigned long long>(steps));
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
