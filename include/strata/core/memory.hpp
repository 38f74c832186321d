#pragma once

#include "strata/core/config.hpp"

#include <cstddef>
#include <new>
#include <vector>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace strata::inline STRATA_ISA {

/// The alignment of arenas and workspaces, in bytes: a cache line, which is also the widest register.
inline constexpr std::size_t alignment = 64;

/// What a huge page takes. Memory of that size or more starts at one, and the system is asked to use them: with small
/// pages, a core that walks through large weights or images spends much of its time looking up where they are.
inline constexpr std::size_t huge_page = 2 * 1024 * 1024;

/// An allocator for std::vector whose memory starts at a cache line.
template <class T> struct aligned_allocator {
    using value_type = T;

    aligned_allocator() = default;
    template <class U> aligned_allocator(const aligned_allocator<U>&) {}

    T* allocate(std::size_t n) {
        const std::size_t bytes = n * sizeof(T);
        void* const memory = ::operator new(bytes, alignment_of(bytes));
#ifdef __linux__
        if (bytes >= huge_page) static_cast<void>(::madvise(memory, bytes, MADV_HUGEPAGE));  // no more than a wish
#endif
        return static_cast<T*>(memory);
    }
    void deallocate(T* p, std::size_t n) { ::operator delete(p, alignment_of(n * sizeof(T))); }

    friend bool operator==(const aligned_allocator&, const aligned_allocator&) { return true; }

private:
    static std::align_val_t alignment_of(std::size_t bytes) {
        return std::align_val_t{bytes >= huge_page ? huge_page : alignment};
    }
};

/// A std::vector whose first element is aligned to a cache line.
template <class T> using aligned_vector = std::vector<T, aligned_allocator<T>>;

/// n rounded up to a multiple of step.
constexpr std::size_t round_up(std::size_t n, std::size_t step) { return (n + step - 1) / step * step; }

}  // namespace strata::inline STRATA_ISA
