#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/printable.hpp"
#include "strata/core/text.hpp"
#include "strata/system/advice.hpp"
#include "strata/system/cpu_quota.hpp"
#include "strata/system/fork.hpp"
#include "strata/system/sleep.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <system_error>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace strata::authoring::process {

/// What all translation units of a program share, whatever instruction set they are compiled for: the threads that
/// set_threads asked for, and those that are at work in parallel regions.
inline constinit std::atomic<std::size_t> requested_threads{0};
inline constinit std::atomic<std::size_t> threads_at_work{0};

}  // namespace strata::authoring::process

/// Threads. This is the only header that knows OpenMP; without it there is one thread, and the results are the same.
namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

/// More than these are taken for a mistake, from wherever the number comes.
inline constexpr std::size_t most_threads = 1024;

/// STRATA_NUM_THREADS, or 0 where it is not set. A text that set_threads would not take counts as not set, which a line
/// on stderr says.
inline std::size_t threads_of_environment() {
    const char* text = std::getenv("STRATA_NUM_THREADS");
    if (text == nullptr || *text == '\0') return 0;
    std::size_t count = 0;
    const auto [end, error] = std::from_chars(text, text + std::string_view(text).size(), count);
    if (error == std::errc{} && *end == '\0' && count <= most_threads) return count;
    advise(concat({"strata: STRATA_NUM_THREADS is ", in_quotes(text), ", no number from 0 to ", most_threads,
                   ", and has no effect (STRATA_QUIET=1 hides this line)"}));
    return 0;
}

#ifdef _OPENMP
/// The processors that this process may use: those of its affinity mask, as far as its control group grants their time.
inline std::size_t available_cpus() {
    static const std::size_t quota = cpu_quota();
    const auto processors = static_cast<std::size_t>(std::max(1, omp_get_num_procs()));
    return quota > 0 ? std::min(quota, processors) : processors;
}
#endif

/// Tells the processor that this thread only waits, so that a sibling on the same core gets its turn.
inline void pause() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("isb" ::: "memory");  // "yield" does nothing on most of them
#endif
}

/// Has this thread's non-temporal stores (store_non_temporal) done before what it stores from now on.
inline void finish_non_temporal_stores() {
#ifdef __SSE2__
    __builtin_ia32_sfence();
#endif
}

}  // namespace detail

/// Sets how many threads fit, evaluate and predict use; 0 goes back to the default. Throws value_error for more than
/// 1024; a negative number is one of these.
inline void set_threads(std::size_t count) {
    if (count > detail::most_threads)
        raise<value_error>({"set_threads: ", count, " threads; at most ", detail::most_threads, " make sense"});
    process::requested_threads = count;
}

/// How many threads fit, evaluate and predict use: what set_threads asked for, else the environment variable
/// STRATA_NUM_THREADS, else what OpenMP offers, but no more than the processors that the affinity mask and the control
/// group (a container's limit) leave to this process. Always 1 without OpenMP, and in a child of fork() whose parent
/// had threads. No number changes a result.
inline std::size_t threads() {
#ifdef _OPENMP
    if (process::has_lost_threads) return 1;
    if (const std::size_t requested = process::requested_threads) return requested;
    static const std::size_t from_environment = detail::threads_of_environment();
    if (from_environment > 0) return from_environment;
    return std::min(
        {static_cast<std::size_t>(std::max(1, omp_get_max_threads())), detail::available_cpus(), detail::most_threads});
#else
    return 1;
#endif
}

#ifdef _OPENMP
namespace detail {

/// The threads of this process that are at work in parallel regions. Regions that user threads open at the same time
/// share what `threads()` allows; each has at least the thread that opened it.
class thread_share {
public:
    /// Takes at most `wanted` threads.
    explicit thread_share(std::size_t wanted) {
        const std::size_t limit = std::max(wanted, threads());
        std::size_t taken = process::threads_at_work.load(std::memory_order_relaxed);
        do {
            size_ = std::clamp<std::size_t>(limit - std::min(limit, taken), 1, wanted);
        } while (!process::threads_at_work.compare_exchange_weak(taken, taken + size_, std::memory_order_relaxed));
    }
    ~thread_share() { process::threads_at_work.fetch_sub(size_, std::memory_order_relaxed); }
    thread_share(const thread_share&) = delete;
    thread_share& operator=(const thread_share&) = delete;

    std::size_t size() const { return size_; }

private:
    std::size_t size_;
};

}  // namespace detail
#endif

/// The threads that run one parallel region.
class team {
public:
    /// `busy_wait`: whether each thread may have a processor of its own, so that waiting actively hinders none of them.
    explicit team(std::size_t size, bool busy_wait = false) : size_{size}, busy_wait_{busy_wait} {}

    std::size_t size() const { return size_; }

    /// What `barrier` throws in the other threads once one has left the team by an exception; for `parallel` alone.
    struct broken_up : std::runtime_error {
        using std::runtime_error::runtime_error;
    };

    /// Returns once every thread of the team has called it. Waits actively for a moment, then sleeps: a thread that
    /// shares its processor with another program gives it up for as long as there is nothing to do, and no longer.
    void barrier() {
        if (size_ == 1) return;
        detail::finish_non_temporal_stores();
        const std::uint32_t round = round_.load();
        leave_if_broken_up();
        if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == size_) {
            arrived_.store(0, std::memory_order_relaxed);
            // Sequentially consistent, as sleepers_ is: a thread that is not counted yet sees the new round.
            round_.store(round + 1);
            if (sleepers_.load() > 0) detail::wake_all(round_);
            return;
        }
        if (!busy_wait_ || !ended_while_polling(round)) {
            sleepers_.fetch_add(1);
            while (round_.load() == round) detail::sleep_while(round_, round);
            sleepers_.fetch_sub(1);
        }
        leave_if_broken_up();
    }

    /// Ends the wait of all threads at this barrier and at all later ones: a thread has failed and will not come.
    void break_up() {
        broken_up_.store(true);
        round_.fetch_add(1);
        detail::wake_all(round_);
    }

    /// The part of 0, ..., count - 1 that falls to one thread: whole blocks of `block`, neighbours together.
    struct range {
        std::size_t begin;
        std::size_t end;
    };
    range share(std::size_t thread, std::size_t count, std::size_t block = 1) const {
        const std::size_t blocks = (count + block - 1) / block;
        return {std::min(count, blocks * thread / size_ * block),
                std::min(count, blocks * (thread + 1) / size_ * block)};
    }

private:
    void leave_if_broken_up() const {
        if (broken_up_.load()) raise<broken_up>({"another thread of the team has failed"});
    }

    /// Whether the round ends within about as long as falling asleep and being woken would take.
    bool ended_while_polling(std::uint32_t round) const {
        constexpr std::chrono::microseconds longest{15};
        const auto start = std::chrono::steady_clock::now();
        do {
            for (int poll = 0; poll < 16; ++poll) {
                if (round_.load(std::memory_order_acquire) != round) return true;
                detail::pause();
            }
        } while (std::chrono::steady_clock::now() - start < longest);
        return false;
    }

    std::size_t size_;
    bool busy_wait_;
    alignas(64) std::atomic<std::size_t> arrived_{0};
    alignas(64) std::atomic<std::uint32_t> round_{0};
    std::atomic<bool> broken_up_{false};
    alignas(64) std::atomic<std::uint32_t> sleepers_{0};
};

namespace detail {

/// `parallel` for any work: no template, so that a program has one region however many networks it trains.
STRATA_OUT_OF_LINE inline void run_team([[maybe_unused]] std::size_t count,
                                        const std::function<void(team&, std::size_t)>& work) {
#ifdef _OPENMP
    // The order counts: where threads were lost, clang's OpenMP may hang in omp_in_parallel, too.
    if (count > 1 && !process::has_lost_threads && omp_in_parallel() == 0) {
        const thread_share share{count};
        std::exception_ptr error;
        std::atomic<bool> failed{false};
        std::optional<team> all;  // the number of threads that were granted is known only inside of the region
#pragma omp parallel num_threads(static_cast<int>(share.size()))
        {
#pragma omp single
            {
                const auto size = static_cast<std::size_t>(omp_get_num_threads());
                all.emplace(size, size <= available_cpus());
            }
            attempt([&] { work(*all, static_cast<std::size_t>(omp_get_thread_num())); },
                    [&] {
                        // The first one counts: those of broken_up come later.
                        if (!failed.exchange(true)) error = std::current_exception();
                        all->break_up();
                    });
        }
        if (error) std::rethrow_exception(error);
        return;
    }
#endif
    team alone{1};
    work(alone, 0);
}

}  // namespace detail

/// Calls `work(team, thread)` once on each of at most `count` threads, at the same time, and returns when all are done.
/// Inside another parallel region, or where fork() has lost threads, the team has one thread; of several regions that
/// user threads open at the same time, the later ones get what the others left, and at least the thread that opened
/// them. If `work` throws in one thread, the others leave it at their next barrier, and the exception is thrown again
/// here.
template <class Work> void parallel(std::size_t count, Work&& work) {
    detail::run_team(count, std::ref(work));  // a reference: the function allocates nothing
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::set_threads;
}  // namespace strata
