#include "strata/kernels/column_blocks.hpp"
#include "strata/kernels/conv2d/geometry.hpp"
#include "support/catch.hpp"

#include <cstddef>
#include <vector>

using namespace strata::authoring;
using namespace strata::authoring::kernels;

namespace {

using signed_index = std::ptrdiff_t;

/// Calls f(inputs, kernel, stride, dilation) for many values of each.
template <class F> void for_many_windows(F&& f) {
    for (std::size_t inputs = 1; inputs <= 14; ++inputs)
        for (std::size_t kernel = 1; kernel <= 6; ++kernel)
            for (std::size_t stride = 1; stride <= 5; ++stride)
                for (std::size_t dilation = 1; dilation <= 4; ++dilation) f(inputs, kernel, stride, dilation);
}

/// The indices 0 <= i < count for which inside(i) holds have to be those of the span.
template <class Inside> bool is_span(const span_of_indices& span, std::size_t count, Inside&& inside) {
    if (span.begin > span.end || span.end > count) return false;
    for (std::size_t i = 0; i < count; ++i) {
        if (inside(signed_index(i)) != (span.begin <= i && i < span.end)) return false;
    }
    return true;
}

}  // namespace

TEST_CASE("window_outputs counts the windows that lie inside of the input") {
    for_many_windows([](std::size_t inputs, std::size_t kernel, std::size_t stride, std::size_t dilation) {
        std::size_t windows = 0;
        while (windows * stride + (kernel - 1) * dilation < inputs) ++windows;
        REQUIRE(window_outputs(false, inputs, kernel, stride, dilation) == windows);

        std::size_t starts = 0;  // with `same`, every stride-th cell is the start of one
        for (std::size_t i = 0; i < inputs; i += stride) ++starts;
        REQUIRE(window_outputs(true, inputs, kernel, stride, dilation) == starts);
    });
}

TEST_CASE("padding_before is the smaller half of the padding that is just enough") {
    for_many_windows([](std::size_t inputs, std::size_t kernel, std::size_t stride, std::size_t dilation) {
        const std::size_t outputs = window_outputs(true, inputs, kernel, stride, dilation);
        std::size_t total = 0;
        while (window_outputs(false, inputs + total, kernel, stride, dilation) < outputs) ++total;
        REQUIRE(padding_before(true, inputs, kernel, stride, dilation) == total / 2);
        REQUIRE(padding_before(false, inputs, kernel, stride, dilation) == 0);
    });
}

TEST_CASE("padding of the sizes that Keras documents") {
    const auto padding = [](std::size_t n, std::size_t k, std::size_t s) { return padding_before(true, n, k, s, 1); };
    CHECK(padding(28, 5, 1) == 2);
    CHECK(padding(28, 4, 1) == 1);
    CHECK(padding(28, 3, 2) == 0);
    CHECK(padding(27, 3, 2) == 1);
    CHECK(padding(7, 3, 2) == 1);
    CHECK(padding(7, 2, 2) == 0);
    CHECK(padding(3, 1, 2) == 0);
    CHECK(padding(5, 2, 3) == 0);
}

TEST_CASE("outputs_of_tap and taps_of_output leave out exactly what would fall on padding") {
    for_many_windows([](std::size_t inputs, std::size_t kernel, std::size_t stride, std::size_t dilation) {
        for (const std::size_t before : {0, 1, 2, 5, 9}) {
            for (std::size_t outputs = 1; outputs <= 9; outputs += 4) {
                const auto reads = [&](signed_index output, signed_index tap) {
                    const signed_index at =
                        output * signed_index(stride) + tap * signed_index(dilation) - signed_index(before);
                    return at >= 0 && at < signed_index(inputs);
                };
                for (std::size_t tap = 0; tap < kernel; ++tap) {
                    REQUIRE(is_span(outputs_of_tap(tap * dilation, stride, before, inputs, outputs), outputs,
                                    [&](signed_index output) { return reads(output, signed_index(tap)); }));
                }
                for (std::size_t output = 0; output < outputs; ++output) {
                    REQUIRE(is_span(taps_of_output(output * stride, kernel, dilation, before, inputs), kernel,
                                    [&](signed_index tap) { return reads(signed_index(output), tap); }));
                }
            }
        }
    });
}

namespace {

/// Counts how often each column is visited, and whether blocks in the middle are those where inner holds.
template <std::size_t Count, std::size_t Block, std::size_t Left, std::size_t Right> bool visits_each_column_once() {
    constexpr auto inner = [](std::size_t first, std::size_t width) {
        return first >= Left && first + width <= Count - Right;
    };
    std::vector<int> visits(Count);
    bool right = true;
    for_each_column_block<Count, Block, inner>([&](auto width, auto first) {
        for (std::size_t i = 0; i < width; ++i) ++visits.at(first + i);
        // What is not written out for its column must not need it.
        if (!is_constant<decltype(first)> && !inner(first, width)) right = false;
    });
    return right && visits == std::vector<int>(Count, 1);
}

}  // namespace

TEST_CASE("for_each_column_block visits each column once, those at the edges as constants") {
    CHECK(visits_each_column_once<13, 4, 2, 2>());
    CHECK(visits_each_column_once<13, 4, 0, 0>());
    CHECK(visits_each_column_once<12, 4, 1, 1>());
    CHECK(visits_each_column_once<12, 4, 12, 0>());
    CHECK(visits_each_column_once<12, 4, 0, 12>());
    CHECK(visits_each_column_once<3, 4, 1, 1>());
    CHECK(visits_each_column_once<4, 4, 0, 0>());
    CHECK(visits_each_column_once<1, 1, 0, 0>());
    CHECK(visits_each_column_once<29, 5, 7, 3>());
}
