#include "strata/system/parallel.hpp"

#include "strata/strata.hpp"

#include "support/catch.hpp"
#include "support/small_models.hpp"
#include "support/xtensor.hpp"

#include <sys/resource.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <span>
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

using namespace strata::authoring;

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

namespace {

/// Whether a step of training, and predict into a result that is kept, allocate nothing, on one thread and on two. The
/// arrays have 10 and 100 times 32 rows.
template <class Model, class Inputs, class Targets>
void check_model(const Inputs& few, const Targets& few_targets, const Inputs& many, const Targets& many_targets) {
    for (const std::size_t thread_count : {1, 2}) {
        set_threads(thread_count);
        Model model;
        auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{});
        const auto epoch = [&](const auto& x, const auto& y) {
            return allocations_in([&] { training.fit(x, y, {.batch_size = 32, .verbose = 0}); });
        };
        epoch(few, few_targets);
        const std::size_t ten_steps = epoch(few, few_targets), hundred_steps = epoch(many, many_targets);
        CHECK(ten_steps > 0);  // they are counted
        CHECK(hundred_steps == ten_steps);

        auto of_many = model.predict(many);
        CHECK(allocations_in([&] { model.predict(many, of_many); }) == 0);
        typename Model::value_type of_one[Model::output::size];
        model.predict(many.data(), of_one);
        CHECK(allocations_in([&] { model.predict(many.data(), of_one); }) == 0);
    }
    set_threads(0);
}

}  // namespace

TEST_CASE("a step with a schedule, clipping, an average and accumulated gradients allocates nothing") {
    const auto rows = [](std::size_t count, std::size_t width) {
        return tensor<float, 2>(std::array<std::size_t, 2>{count, width}, 0.5f);
    };
    test::Line model;
    const InverseTimeDecay decay{.initial_learning_rate = 0.01, .decay_steps = 10, .decay_rate = 1};
    auto training = compile(
        model,
        OptimizerWith{SGD{.learning_rate = decay}, {.clipnorm = 1, .use_ema = true, .gradient_accumulation_steps = 3}},
        MeanSquaredError{});
    const auto epoch = [&](std::size_t steps) {
        const auto x = rows(32 * steps, 2), y = rows(32 * steps, 1);
        return allocations_in([&] { training.fit(x, y, {.batch_size = 32, .verbose = 0}); });
    };
    epoch(10);
    const std::size_t ten_steps = epoch(10);
    CHECK(ten_steps > 0);  // they are counted
    CHECK(epoch(100) == ten_steps);
}

TEST_CASE("a training step allocates nothing") {
    const auto few = test::make_images(10 * 32), many = test::make_images(100 * 32);
    check_model<test::Classifier>(few.x, few.y, many.x, many.y);
}

TEST_CASE("a step on samples that a source reads allocates nothing, with another source for the validation") {
    struct Copied {
        const tensor<float, 4>& x;
        const tensor<std::int32_t, 1>& y;
        std::size_t samples() const { return y.size(); }
        void read(std::size_t sample, std::span<float> to_x, std::span<std::int32_t> to_y) const {
            std::copy_n(x.data() + sample * to_x.size(), to_x.size(), to_x.begin());
            to_y[0] = y(sample);
        }
    };
    const auto few = test::make_images(10 * 32), many = test::make_images(100 * 32);
    test::Classifier model;
    auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{});
    const auto epoch = [&](const auto& data) {
        const Copied source{data.x, data.y};
        return allocations_in([&] { training.fit(source, source, {.class_weight = {{1, 2.0}}, .verbose = 0}); });
    };
    epoch(few);
    const std::size_t ten_steps = epoch(few);
    CHECK(ten_steps > 0);  // they are counted
    CHECK(epoch(many) == ten_steps);
}

TEST_CASE("no kind of layer allocates in a training step or a prediction") {
    using Images = Sequential<
        Input<6, 6, 1>, GaussianNoise<0.1>, Conv2D<4, Kernel<5>, Same, GELU>, BatchNormalization<>, ReLU,
        Residual<Conv2D<4, Same>, GroupNormalization<Groups<2>>>, Conv2DTranspose<4, Same>, PReLU<>,
        DepthwiseConv2D<Same>, LayerNormalization<>, SpatialDropout2D<0.1>, SeparableConv2D<4, Same>,
        GaussianDropout<0.1>, Concatenate<Branch<MaxPooling2D<>>, Branch<AveragePooling2D<>, RMSNormalization<>>>,
        UpSampling2D<>, ZeroPadding2D<1>, Cropping2D<1>, Add<Branch<>, Branch<Frozen<Conv2D<8, Kernel<1>>>>>, GLU,
        Reshape<36, 4>, Permute<2, 1>, Permute<2, 1>, Conv1D<4, Softmax>, MaxPooling1D<>, UnitNormalization, Masking<>,
        MultiHeadAttention<2, 2, AttentionDropout<0.1>>, GRU<4, ReturnSequences>, TimeDistributed<Dense<3, Tanh>>,
        AlphaDropout<0.1>, LSTM<4>, Dropout<0.1>, RepeatVector<2>, SimpleRNN<4>, Dense<3, Softmax>>;
    const auto few = test::make_images(10 * 32), many = test::make_images(100 * 32);
    check_model<Images>(few.x, few.y, many.x, many.y);

    using Words = Sequential<Input<36>, Embedding<10, 4>, Bidirectional<LSTM<3>>,
                             Dense<3, Softmax, KernelRegularizer<OrthogonalRegularizer<>>, KernelConstraint<MaxNorm<>>,
                                   BiasRegularizer<L1L2<0.01, 0.01>>, BiasConstraint<NonNeg>>>;
    const auto words = [](const auto& images) {
        tensor<std::int32_t, 2> x(std::array<std::size_t, 2>{images.x.shape()[0], 36});
        for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = static_cast<std::int32_t>(images.x.data()[i] * 9.9f);
        return x;
    };
    check_model<Words>(words(few), few.y, words(many), many.y);
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

TEST_CASE("predict allocates nothing for any form of arguments that the pages show") {
    const Sequential<Input<8>, Dense<3, Softmax>> model;
    constexpr std::size_t rows = 300;
    std::vector<float> values(rows * 8, 0.5f), outputs(rows * 3);
    const auto x = xt::adapt(values, std::array{rows, std::size_t{8}});
    auto of_row = model.predict(xt::view(x, xt::range(7, 8), xt::all())), of_all = model.predict(x);
    const auto count = [&](auto&& call) {
        call();
        return allocations_in(call);
    };
    CHECK(count([&] { model.predict(x, of_all); }) == 0);
    CHECK(count([&] { model.predict(xt::view(x, xt::range(7, 8), xt::all()), of_row); }) == 0);
    CHECK(count([&] { model.predict(xt::adapt(values.data(), {1, 8}), of_row); }) == 0);
    CHECK(count([&] { model.predict(xt::adapt(values.data(), {1, 8}), xt::adapt(outputs.data(), {1, 3})); }) == 0);
    CHECK(count([&] { model.predict(x, xt::adapt(outputs, std::array{rows, std::size_t{3}})); }) == 0);
    CHECK(count([&] { model.predict(xt::view(x, xt::range(7, 8)), xt::view(of_all, xt::range(7, 8))); }) == 0);
    CHECK(count([&] { model.predict(values.data(), outputs.data()); }) == 0);
    CHECK(count([&] { model.predict(values.data(), rows, outputs.data()); }) == 0);
    CHECK(count([&] { model.predict(tensor<float, 2>(x), of_all); }) == 1);  // the array itself
}

#endif
