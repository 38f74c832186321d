#pragma once

#include "strata/config.hpp"

#include <atomic>
#include <cstdint>

#ifdef __linux__
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <climits>
#endif

/// Waiting for another thread without keeping a processor busy.
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// Sleeps until somebody calls wake_all on `word`, unless it has left `value` already. May return early.
///
/// On Linux not std::atomic::wait: libstdc++ offers the processor to others several times before it sleeps, and each
/// time a busy competitor takes a whole slice of time, milliseconds. A thread that slept is run at once instead.
inline void sleep_while(const std::atomic<std::uint32_t>& word, std::uint32_t value) {
#ifdef __linux__
    static_assert(sizeof word == sizeof value && std::atomic<std::uint32_t>::is_always_lock_free);
    ::syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
#else
    word.wait(value);
#endif
}

/// Wakes all that sleep on `word`.
inline void wake_all(std::atomic<std::uint32_t>& word) {
#ifdef __linux__
    ::syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
#else
    word.notify_all();
#endif
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
