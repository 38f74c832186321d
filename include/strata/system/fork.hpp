#pragma once

#include "strata/config.hpp"

#include <atomic>

#if __has_include(<pthread.h>)
#include <pthread.h>
#endif
#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#endif

/// fork() copies a process, but only the thread that calls it. g++'s OpenMP does not notice: the child would wait for
/// threads that are not there. (Clang's notices.)
namespace strata::authoring::process {

/// Whether this process is a child of one that had threads when it called fork(), or a child of such a child.
inline constinit std::atomic<bool> has_lost_threads{false};

inline constinit std::atomic<bool> had_threads_before_fork{false};

}  // namespace strata::authoring::process

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// Whether there are no threads besides the one that asks; false where the C library cannot tell.
inline bool is_single_threaded() {
#if __has_include(<sys/single_threaded.h>)
    return __libc_single_threaded != 0;
#else
    return false;
#endif
}

#if __has_include(<pthread.h>)
inline void before_fork() { process::had_threads_before_fork = !is_single_threaded(); }

inline void in_child_of_fork() {
    if (process::had_threads_before_fork) process::has_lost_threads = true;
}

/// Has fork() note whether threads get lost. Done before main(), or when a library is loaded: the threads may be those
/// of an OpenMP region of somebody else. Code for several instruction sets notes it more than once, which does no harm.
inline const int fork_is_watched = pthread_atfork(before_fork, nullptr, in_child_of_fork);
#endif

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
