#include "strata/system/parallel.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace strata::authoring;

namespace {

#ifdef _OPENMP
constexpr bool has_threads = true;
#else
constexpr bool has_threads = false;
#endif

}  // namespace

TEST_CASE("share cuts a range into neighbouring parts of whole blocks") {
    for (const std::size_t threads : {1, 2, 3, 7, 64}) {
        for (const std::size_t count : {0, 1, 2, 5, 16, 63, 64, 1000}) {
            for (const std::size_t block : {1, 4, 16}) {
                const team all{threads};
                std::size_t next = 0, largest = 0, smallest = count;
                for (std::size_t thread = 0; thread < threads; ++thread) {
                    const auto part = all.share(thread, count, block);
                    REQUIRE(part.begin == next);
                    REQUIRE(part.end >= part.begin);
                    REQUIRE((part.begin % block == 0 || part.begin == count));
                    next = part.end;
                    largest = std::max(largest, part.end - part.begin);
                    smallest = std::min(smallest, part.end - part.begin);
                }
                REQUIRE(next == count);
                REQUIRE(largest <= smallest + 2 * block);
            }
        }
    }
}

TEST_CASE("parallel runs each thread of the team once", "[threads]") {
    for (const std::size_t count : {0, 1, 2, 3, 8, 33}) {
        std::vector<std::atomic<int>> calls(std::max<std::size_t>(count, 1));
        std::atomic<std::size_t> size{0};
        parallel(count, [&](const team& all, std::size_t thread) {
            size = all.size();
            ++calls[thread];
        });
        REQUIRE(size >= 1);
        REQUIRE(size <= std::max<std::size_t>(count, 1));
        for (std::size_t thread = 0; thread < calls.size(); ++thread) CHECK(calls[thread] == (thread < size ? 1 : 0));
    }
}

TEST_CASE("a barrier holds every thread until all have come", "[threads]") {
    // More threads than this machine has cores: those that wait must let the others run.
    for (const std::size_t count : {2, 3, 16}) {
        std::vector<int> written(count, 0);
        std::atomic<int> wrong{0};
        parallel(count, [&](team& all, std::size_t thread) {
            for (int round = 1; round <= 200; ++round) {
                written[thread] = round;
                all.barrier();
                for (std::size_t other = 0; other < all.size(); ++other) wrong += written[other] != round;
                all.barrier();
            }
        });
        CHECK(wrong == 0);
    }
}

TEST_CASE("the barrier does not rest on OpenMP", "[threads]") {
    constexpr std::size_t count = 5;
    const bool busy_wait = GENERATE(false, true);
    team all{count, busy_wait};
    std::vector<int> written(count, 0);
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (std::size_t thread = 0; thread < count; ++thread) {
        threads.emplace_back([&, thread] {
            for (int round = 1; round <= 100; ++round) {
                written[thread] = round;
                all.barrier();
                wrong += std::accumulate(written.begin(), written.end(), 0) != round * static_cast<int>(count);
                all.barrier();
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(wrong == 0);
}

TEST_CASE("a parallel region inside of another one has one thread", "[threads]") {
    std::atomic<int> inner_calls{0};
    std::atomic<std::size_t> outer_size{0}, largest_inner{0};
    parallel(4, [&](const team& outer, std::size_t) {
        outer_size = outer.size();
        parallel(4, [&](team& inner, std::size_t thread) {
            if (inner.size() > largest_inner) largest_inner = inner.size();
            if (thread == 0) ++inner_calls;
            inner.barrier();
        });
    });
    CHECK(inner_calls == static_cast<int>(outer_size));
    if (outer_size > 1) CHECK(largest_inner == 1);
}

TEST_CASE("a parallel region inside of a user's OpenMP region has one thread", "[threads]") {
    std::atomic<std::size_t> largest{0};
    std::atomic<int> calls{0};
#ifdef _OPENMP
    const int levels = omp_get_max_active_levels();
    omp_set_max_active_levels(3);  // OpenMP itself would allow regions in regions
#endif
#pragma omp parallel num_threads(3)
    parallel(4, [&](team& all, std::size_t) {
        if (all.size() > largest) largest = all.size();
        ++calls;
        all.barrier();
    });
#ifdef _OPENMP
    omp_set_max_active_levels(levels);
#endif
    CHECK(calls >= 1);
    if (calls > 1) CHECK(largest == 1);
}

TEST_CASE("regions of several user threads share the threads", "[threads]") {
    constexpr int users = 6, allowed = 4;
    set_threads(allowed);
    std::atomic<int> running{0}, most{0}, regions{0};
    std::vector<std::thread> threads;
    for (int user = 0; user < users; ++user) {
        threads.emplace_back([&] {
            for (int turn = 0; turn < 50; ++turn) {
                parallel(allowed, [&](team& all, std::size_t thread) {
                    const int now = ++running;
                    for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
                    }
                    all.barrier();
                    if (thread == 0) ++regions;
                    all.barrier();
                    --running;
                });
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    set_threads(0);
    CHECK(regions == users * 50);
    CHECK(most <= users + allowed - 1);
    INFO("afterwards all threads are there again");
    std::atomic<std::size_t> size{0};
    parallel(allowed, [&](const team& all, std::size_t) { size = all.size(); });
    CHECK(size == (has_threads ? std::size_t{allowed} : 1u));
}

TEST_CASE("an exception leaves a parallel region, one of them if several are thrown", "[threads]") {
    for (const std::size_t count : {1, 2, 6}) {
        CHECK_THROWS_WITH(parallel(count,
                                   [](const team& all, std::size_t thread) {
                                       if (thread + 1 == all.size()) throw std::runtime_error("from the last thread");
                                   }),
                          "from the last thread");
        CHECK_THROWS_AS(
            parallel(count, [](const team&, std::size_t thread) { throw std::out_of_range(std::to_string(thread)); }),
            std::out_of_range);
        std::atomic<int> calls{0};
        parallel(count, [&](const team&, std::size_t) { ++calls; });
        CHECK(calls >= 1);
    }
}

TEST_CASE("an exception in one thread frees those that wait at a barrier", "[threads]") {
    for (const std::size_t count : {2, 3, 8}) {
        std::atomic<int> passed{0};
        CHECK_THROWS_WITH(parallel(count,
                                   [&](team& all, std::size_t thread) {
                                       all.barrier();
                                       if (thread + 1 == all.size()) throw std::runtime_error("between barriers");
                                       all.barrier();
                                       ++passed;
                                   }),
                          "between barriers");
        CHECK(passed == 0);
        std::atomic<int> calls{0};
        parallel(count, [&](team& all, std::size_t) { all.barrier(), ++calls; });
        CHECK(calls >= 1);
    }
}

#ifdef _OPENMP
TEST_CASE("by default there are at most as many threads as processors that may be used") {
    CHECK(detail::available_cpus() >= 1);
    if (detail::threads_of_environment() == 0) CHECK(threads() <= detail::available_cpus());
}
#endif

TEST_CASE("set_threads says how many threads are used, 0 the default") {
    const std::size_t standard = threads();
    CHECK(standard >= 1);
    CHECK_THROWS_WITH(set_threads(static_cast<std::size_t>(-2)), test::contains("at most 1024 make sense"));
    set_threads(3);
    CHECK(threads() == (has_threads ? 3u : 1u));
    set_threads(0);
    CHECK(threads() == standard);
}

TEST_CASE("STRATA_NUM_THREADS is read as a number or not at all") {
    const char* before = std::getenv("STRATA_NUM_THREADS");
    const std::string kept = before != nullptr ? before : "";
    const auto read = [](const char* text) {
        ::setenv("STRATA_NUM_THREADS", text, 1);
        return detail::threads_of_environment();
    };
    CHECK(read("5") == 5);
    CHECK(read("1") == 1);
    CHECK(read("0") == 0);
    CHECK(read("") == 0);
    CHECK(read("many") == 0);
    CHECK(read("-2") == 0);
    CHECK(read("99999999999999999999999999") == 0);
    CHECK(read("1024") == 1024);
    CHECK(read("1025") == 0);
    CHECK(read("100000") == 0);
    CHECK(read("4x") == 0);
    ::unsetenv("STRATA_NUM_THREADS");
    CHECK(detail::threads_of_environment() == 0);
    if (before != nullptr) ::setenv("STRATA_NUM_THREADS", kept.c_str(), 1);
}
