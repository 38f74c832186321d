#include "strata/system/background_work.hpp"

#include "support/catch.hpp"

#include <chrono>
#include <exception>
#include <stdexcept>
#include <thread>

using namespace strata::authoring;

TEST_CASE("background work is done beside the caller, or by it, and hands over what it throws", "[threads]") {
    for (const bool beside : {true, false}) {
        INFO((beside ? "beside" : "by the caller"));
        int pieces = 0;
        std::thread::id worker;
        background_work work(
            [&] {
                std::this_thread::sleep_for(std::chrono::milliseconds(2));
                worker = std::this_thread::get_id();
                if (++pieces == 3) throw std::runtime_error("the third");
            },
            beside);
        CHECK_FALSE(work.finish());  // nothing was begun
        CHECK(pieces == 0);
        for (int i = 1; i <= 5; ++i) {
            work.start();
            const std::exception_ptr error = work.finish();
            CHECK(pieces == i);
            CHECK((worker == std::this_thread::get_id()) != beside);
            CHECK((error != nullptr) == (i == 3));
            if (error) CHECK_THROWS_WITH(std::rethrow_exception(error), "the third");
            CHECK_FALSE(work.finish());  // once
        }
        work.start();
        work.drop();
        CHECK(pieces == (beside ? 6 : 5));  // what nobody has begun to do is left out
        CHECK_FALSE(work.finish());
        CHECK(pieces == (beside ? 6 : 5));
    }
}

TEST_CASE("background work that was begun ends before its object does", "[threads]") {
    int pieces = 0;
    {
        background_work work([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
            ++pieces;
        });
        work.start();
    }
    CHECK(pieces == 1);
}
