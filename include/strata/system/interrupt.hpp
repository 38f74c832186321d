#pragma once

#include "strata/config.hpp"

#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Notices Ctrl-C (SIGINT) for as long as one lives, so that long work can end in good order: the first one is only
/// remembered, a second one ends the program as it would have done. A program that handles or ignores SIGINT itself
/// is left alone: then nothing is noticed.
class interrupt_watch {
public:
    interrupt_watch() {
        if (watches()++ > 0) return;
        interrupted() = 0;
        previous() = std::signal(SIGINT, &interrupt_watch::notice);
        if (previous() == SIG_DFL) return;
        if (previous() != SIG_ERR) std::signal(SIGINT, previous());
        previous() = SIG_ERR;
    }

    interrupt_watch(const interrupt_watch&) = delete;
    interrupt_watch& operator=(const interrupt_watch&) = delete;

    ~interrupt_watch() {
        if (--watches() == 0 && previous() != SIG_ERR) std::signal(SIGINT, previous());
    }

    /// Whether Ctrl-C was pressed since the first of the watches that live now began.
    bool was_interrupted() const { return interrupted() != 0; }

private:
    using handler = void (*)(int);

    static void notice(int) {
        interrupted() = 1;
        std::signal(SIGINT, SIG_DFL);
    }

    static std::atomic<int>& watches() {
        static std::atomic<int> count{0};
        return count;
    }
    static std::atomic<int>& interrupted() {
        static std::atomic<int> flag{0};
        return flag;
    }
    static handler& previous() {
        static handler before = SIG_ERR;
        return before;
    }
};

namespace detail {

/// A watch, or none.
class optional_interrupt_watch {
public:
    STRATA_OUT_OF_LINE explicit optional_interrupt_watch(bool watches) {
        if (watches) watch_.emplace();
    }

    bool was_interrupted() const { return watch_ && watch_->was_interrupted(); }

private:
    std::optional<interrupt_watch> watch_;
};

/// Says why training ends.
STRATA_OUT_OF_LINE inline void tell_of_interrupt(std::size_t epoch, std::uint64_t step) {
    std::fprintf(stderr,
                 "\nfit: interrupted (Ctrl-C) after step %llu of epoch %zu; the model is whole, as of that step\n",
                 static_cast<unsigned long long>(step), epoch + 1);
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
