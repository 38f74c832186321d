#pragma once

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string_view>
#include <thread>

#ifdef _OPENMP
#include <omp.h>
#endif

/// Threads. This is the only header that knows OpenMP; without it there is one thread, and the results are the same.
namespace strata {

namespace detail {

inline std::atomic<std::size_t>& requested_threads() {
    static std::atomic<std::size_t> count{0};
    return count;
}

/// STRATA_NUM_THREADS, or 0 where it is not set to a number.
inline std::size_t threads_of_environment() {
    std::size_t count = 0;
    if (const char* text = std::getenv("STRATA_NUM_THREADS")) {
        const std::string_view digits{text};
        std::from_chars(digits.data(), digits.data() + digits.size(), count);
    }
    return count;
}

}  // namespace detail

/// Sets how many threads fit, evaluate and predict use; 0 goes back to the default.
inline void set_threads(std::size_t count) { detail::requested_threads() = count; }

/// How many threads fit, evaluate and predict use: what set_threads asked for, else the environment variable
/// STRATA_NUM_THREADS, else what OpenMP offers. Always 1 without OpenMP. No number changes a result.
inline std::size_t threads() {
#ifdef _OPENMP
    if (const std::size_t requested = detail::requested_threads()) return requested;
    static const std::size_t from_environment = detail::threads_of_environment();
    if (from_environment > 0) return from_environment;
    return static_cast<std::size_t>(std::max(1, omp_get_max_threads()));
#else
    return 1;
#endif
}

/// The threads that run one parallel region.
class team {
public:
    explicit team(std::size_t size) : size_{size} {}

    std::size_t size() const { return size_; }

    /// Returns once every thread of the team has called it. Waits a moment actively, then lets other work run.
    void barrier() {
        if (size_ == 1) return;
        const std::size_t round = round_.load(std::memory_order_relaxed);
        if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == size_) {
            arrived_.store(0, std::memory_order_relaxed);
            round_.store(round + 1, std::memory_order_release);
            return;
        }
        constexpr int active_polls = 4000;
        for (int poll = 0; round_.load(std::memory_order_acquire) == round; ++poll) {
            if (poll >= active_polls) std::this_thread::yield();
        }
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
    std::size_t size_;
    alignas(64) std::atomic<std::size_t> arrived_{0};
    alignas(64) std::atomic<std::size_t> round_{0};
};

/// Calls `work(team, thread)` once on each of at most `count` threads, at the same time, and returns when all are done.
/// Inside another parallel region the team has one thread. If `work` may throw in one thread while another one waits
/// at a barrier, it has to keep the team together itself; an exception that reaches this function is thrown again.
template <class Work> void parallel([[maybe_unused]] std::size_t count, Work&& work) {
#ifdef _OPENMP
    if (count > 1 && omp_in_parallel() == 0) {
        std::exception_ptr error;
        std::atomic<bool> failed{false};
        std::optional<team> all;  // the number of threads that were granted is known only inside of the region
#pragma omp parallel num_threads(static_cast<int>(count))
        {
#pragma omp single
            all.emplace(static_cast<std::size_t>(omp_get_num_threads()));
            try {
                work(*all, static_cast<std::size_t>(omp_get_thread_num()));
            } catch (...) {
                if (!failed.exchange(true)) error = std::current_exception();
            }
        }
        if (error) std::rethrow_exception(error);
        return;
    }
#endif
    team alone{1};
    work(alone, std::size_t{0});
}

}  // namespace strata
