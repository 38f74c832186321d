#include "strata/system/parallel.hpp"

#include "support/catch.hpp"
#include "support/small_models.hpp"

#include <sys/resource.h>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <vector>

// ThreadSanitizer brings its own operator new, AddressSanitizer pages of its own.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define STRATA_COUNTS_NO_ALLOCATIONS
#endif
#if __has_feature(address_sanitizer)
#define STRATA_TOUCHES_SHADOW_PAGES
#endif
#endif
#ifndef STRATA_COUNTS_NO_ALLOCATIONS

using namespace strata;

namespace {

std::atomic<std::size_t> allocations{0};

void* counted_allocation(std::size_t size, std::size_t alignment) {
    ++allocations;
    size = (size + alignment - 1) / alignment * alignment;
    if (void* memory = std::aligned_alloc(alignment, size > 0 ? size : alignment)) return memory;
    throw std::bad_alloc{};
}

#if defined(RUSAGE_THREAD) && !defined(STRATA_TOUCHES_SHADOW_PAGES)
constexpr bool counts_page_faults = true;

/// Of this thread, so far.
long page_faults() {
    rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_minflt + usage.ru_majflt;
}
#else
constexpr bool counts_page_faults = false;
long page_faults() { return 0; }
#endif

template <class F> std::size_t allocations_in(F&& f) {
    const std::size_t before = allocations;
    f();
    return allocations - before;
}

}  // namespace

// For the whole test program: every way to allocate ends here. Not inlined, so that the compiler does not warn of
// a free() for what it knows as new.
[[gnu::noinline]] void* operator new(std::size_t size) { return counted_allocation(size, alignof(std::max_align_t)); }
[[gnu::noinline]] void* operator new[](std::size_t size) { return counted_allocation(size, alignof(std::max_align_t)); }
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return counted_allocation(size, alignof(std::max_align_t));
}
[[gnu::noinline]] void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
    return counted_allocation(size, alignof(std::max_align_t));
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
    return counted_allocation(size, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void* operator new[](std::size_t size, std::align_val_t alignment) {
    return counted_allocation(size, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

TEST_CASE("a training step allocates nothing") {
    const auto few = test::make_images(10 * 32), many = test::make_images(100 * 32);
    for (const std::size_t thread_count : {1, 2}) {
        set_threads(thread_count);
        test::Classifier model;
        auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{});
        const auto epoch = [&](const auto& data) {
            return allocations_in([&] { training.fit(data.x, data.y, {.batch_size = 32, .verbose = 0}); });
        };
        epoch(few);
        const std::size_t ten_steps = epoch(few), hundred_steps = epoch(many);
        CHECK(ten_steps > 0);  // they are counted
        CHECK(hundred_steps == ten_steps);
    }
    set_threads(0);
}

TEST_CASE("evaluate allocates as much for many samples as for few") {
    const auto few = test::make_images(100), many = test::make_images(3000);
    for (const std::size_t thread_count : {1, 2}) {
        set_threads(thread_count);
        test::Classifier model;
        const auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{});
        const auto once = [&](const auto& data) {
            return allocations_in([&] { training.evaluate(data.x, data.y, {.verbose = 0}); });
        };
        once(few);
        CHECK(once(few) == once(many));
    }
    set_threads(0);
}

TEST_CASE("predict allocates its result and nothing else") {
    const auto data = test::make_images(500);
    const test::Classifier model;
    model.predict(data.x);
    CHECK(allocations_in([&] { model.predict(data.x); }) == 1);
}

TEST_CASE("predict into a result that the caller keeps allocates nothing and touches no new pages") {
    const test::Classifier model;
    for (const std::size_t count : {1, 3, 500}) {
        const auto data = test::make_images(count);
        auto result = model.predict(data.x);
        model.predict(data.x, result);
        const long faults = page_faults();
        CHECK(allocations_in([&] {
                  for (int i = 0; i < 1000; ++i) model.predict(data.x, result);
              }) == 0);
        // The system, or a sanitizer, takes a page away now and then; a page for each call would be a thousand.
        CHECK(page_faults() - faults < 50);
    }
    const long faults = page_faults();
    std::vector<char> pages(1 << 24, 1);
    asm volatile("" : : "r"(pages.data()) : "memory");       // or an optimizing compiler leaves them out
    CHECK((page_faults() > faults || !counts_page_faults));  // they are counted
}

#endif
