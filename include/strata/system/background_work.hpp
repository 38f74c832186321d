#pragma once

#include "strata/core/errors.hpp"
#include "strata/system/sleep.hpp"

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <thread>
#include <utility>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Work that a thread of its own does beside the caller's, a piece at a time. Where a program can have no more threads,
/// the caller does each piece when it asks for it. Nothing is allocated once this object stands.
class background_work {
public:
    /// `work()` does the next piece. Without `beside` there is no thread.
    STRATA_OUT_OF_LINE explicit background_work(std::function<void()> work, bool beside = true)
        : work_{std::move(work)} {
        if (beside) detail::attempt([&] { thread_ = std::thread([this] { serve(); }); }, [] {});
    }

    background_work(const background_work&) = delete;
    background_work& operator=(const background_work&) = delete;

    /// Waits for a piece that was begun.
    STRATA_OUT_OF_LINE ~background_work() {
        if (!thread_.joinable()) return;
        wait();
        hand_over(turn::to_end);
        thread_.join();
    }

    /// Begins a piece. The one before has to be finished.
    void start() { hand_over(turn::to_work); }

    /// Waits until the piece that was begun, if any, is done. Returns what it threw, or null.
    STRATA_OUT_OF_LINE std::exception_ptr finish() {
        if (thread_.joinable())
            wait();
        else if (turn_.load() == turn::to_work)
            do_piece();
        return std::exchange(error_, nullptr);
    }

    /// Waits until no piece is being done. One that nobody has begun to do is left out; what one threw is lost.
    STRATA_OUT_OF_LINE void drop() {
        if (thread_.joinable())
            wait();
        else
            turn_.store(turn::of_caller);
        error_ = nullptr;
    }

private:
    /// Whose turn it is: the caller's, or the thread's, to work or to end.
    enum turn : std::uint32_t { of_caller, to_work, to_end };

    void hand_over(turn next) {
        turn_.store(next);
        detail::wake_all(turn_);
    }

    void wait() const {
        while (turn_.load() == turn::to_work) detail::sleep_while(turn_, turn::to_work);
    }

    void do_piece() {
        detail::attempt([&] { work_(); }, [&] { error_ = std::current_exception(); });
        hand_over(turn::of_caller);
    }

    void serve() {
        for (;;) {
            while (turn_.load() == turn::of_caller) detail::sleep_while(turn_, turn::of_caller);
            if (turn_.load() == turn::to_end) return;
            do_piece();
        }
    }

    std::function<void()> work_;
    std::exception_ptr error_;
    std::atomic<std::uint32_t> turn_{turn::of_caller};
    std::thread thread_;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
