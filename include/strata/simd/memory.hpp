#pragma once

#include "strata/config.hpp"

#include <cstddef>
#include <new>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// The alignment of arenas and workspaces, in bytes: a cache line, which is also the widest register.
inline constexpr std::size_t alignment = 64;

/// An allocator for std::vector whose memory starts at a cache line.
template <class T> struct aligned_allocator {
    using value_type = T;

    aligned_allocator() = default;
    template <class U> aligned_allocator(const aligned_allocator<U>&) {}

    T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), std::align_val_t{alignment})); }
    void deallocate(T* p, std::size_t) { ::operator delete(p, std::align_val_t{alignment}); }

    friend bool operator==(const aligned_allocator&, const aligned_allocator&) { return true; }
};

/// A std::vector whose first element is aligned to a cache line.
template <class T> using aligned_vector = std::vector<T, aligned_allocator<T>>;

/// The same for values that are not written when the memory is taken: what is never used of it costs none.
template <class T> struct unwritten_allocator : aligned_allocator<T> {
    unwritten_allocator() = default;
    template <class U> unwritten_allocator(const unwritten_allocator<U>&) {}

    template <class U> struct rebind {
        using other = unwritten_allocator<U>;
    };

    template <class U> void construct(U* p) { ::new (static_cast<void*>(p)) U; }
};

/// A std::vector whose elements start with no value, aligned to a cache line.
template <class T> using unwritten_vector = std::vector<T, unwritten_allocator<T>>;

/// n rounded up to a multiple of step.
constexpr std::size_t round_up(std::size_t n, std::size_t step) { return (n + step - 1) / step * step; }

}  // namespace STRATA_ISA
}  // namespace strata::authoring
