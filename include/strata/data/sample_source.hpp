#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/tensor.hpp"
#include "strata/simd/memory.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

/// Data that do not fit in memory: what reads them, sample by sample.
namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

/// The types of values that a source's `read` fills, and whether it tells a sample's weight, too.
template <class X, class Y, bool Weighted> struct read_signature {
    using x = X;
    using y = Y;
    static constexpr bool is_weighted = Weighted;
    static constexpr bool is_possible =
        std::is_arithmetic_v<X> && std::is_arithmetic_v<Y> && !std::is_const_v<X> && !std::is_const_v<Y>;
};

template <class S, class X, class Y>
read_signature<X, Y, false> signature_of(void (S::*)(std::size_t, std::span<X>, std::span<Y>));
template <class S, class X, class Y>
read_signature<X, Y, false> signature_of(void (S::*)(std::size_t, std::span<X>, std::span<Y>) const);
template <class S, class X, class Y>
read_signature<X, Y, true> signature_of(void (S::*)(std::size_t, std::span<X>, std::span<Y>, double&));
template <class S, class X, class Y>
read_signature<X, Y, true> signature_of(void (S::*)(std::size_t, std::span<X>, std::span<Y>, double&) const);

template <class Source> using signature_of_source = decltype(signature_of(&std::remove_cvref_t<Source>::read));

}  // namespace detail

/// Samples that are read one by one, in any order (PyTorch: a map-style Dataset; Keras: PyDataset). A source is a
/// struct with
///
///  - `std::size_t samples() const`: how many there are;
///  - `void read(std::size_t sample, std::span<X> x, std::span<Y> y)`: writes sample 0, ..., samples() - 1, its inputs
///    to x and its targets to y, as many values as the network and the loss have, in row-major order. X and Y are any
///    types of numbers; inputs of std::uint8_t are an image's, as in arrays. Both spans hold zeros when it is called. A
///    fourth argument, `double& weight`, which is 1, says how much the sample counts;
///  - if it likes, `void begin_epoch(std::size_t epoch)`: called before the first sample of each epoch of training.
///
/// `fit` reads the next batch while it trains on the one before, from a thread of its own, but never from two at a
/// time: a source may have a file that it moves in. A callback of a step must not read it, too; one of an epoch may.
/// What `read` throws comes out of `fit`.
///
///     struct Lines {
///         std::size_t samples() const { return offsets.size(); }
///         void read(std::size_t sample, std::span<float> x, std::span<float> y) { … }
///     };
///     training.fit(Lines{…}, {.epochs = 5});
template <class Source>
concept sample_source = requires(const Source& source) {
    { source.samples() } -> std::convertible_to<std::size_t>;
    requires detail::signature_of_source<Source>::is_possible;
};

/// Room for a batch of a source, and for its reading.
class source_batch {
public:
    virtual ~source_batch() = default;

    /// Reads a sample into a row, and returns how much it counts.
    virtual double read(std::size_t sample, std::size_t row) = 0;

    /// Rows first, ..., first + count - 1.
    virtual array_ref x(std::size_t first, std::size_t count) const = 0;
    virtual array_ref y(std::size_t first, std::size_t count) const = 0;
};

namespace detail {

/// Rows of values that are written as T, and kept as an array has them.
template <class T> class source_rows {
    using element = element_like<T>;
    static constexpr bool is_converted = !std::is_same_v<T, element>;

public:
    source_rows(std::size_t rows, std::span<const std::size_t> extents) : rank_{extents.size() + 1} {
        std::copy(extents.begin(), extents.end(), extents_.begin() + 1);
        for (const std::size_t extent : extents) size_ *= extent;
        values_.resize(rows * size_);
        if constexpr (is_converted) row_ = std::make_unique<T[]>(size_);
    }

    /// Has `write` fill a row.
    template <class Write> void fill(std::size_t row, Write&& write) {
        element* const to = values_.data() + row * size_;
        if constexpr (is_converted) {
            std::fill_n(row_.get(), size_, T{});
            write(std::span<T>(row_.get(), size_));
            for (std::size_t i = 0; i < size_; ++i) to[i] = static_cast<element>(row_[i]);
        } else {
            std::fill_n(to, size_, T{});
            write(std::span<T>(to, size_));
        }
    }

    array_ref rows(std::size_t first, std::size_t count) const {
        auto extents = extents_;
        extents[0] = count;
        return array_ref(values_.data() + first * size_, {extents.data(), rank_});
    }

private:
    std::array<std::size_t, array_ref::max_rank + 1> extents_{};
    std::size_t rank_, size_ = 1;
    aligned_vector<element> values_;
    std::unique_ptr<T[]> row_;
};

/// A source without its type.
class any_source {
public:
    virtual ~any_source() = default;
    virtual std::size_t samples() const = 0;
    virtual void begin_epoch(std::size_t epoch) = 0;
    virtual bool is_weighted() const = 0;
    virtual std::unique_ptr<source_batch> make_batch(std::size_t rows, std::span<const std::size_t> inputs,
                                                     std::span<const std::size_t> targets) = 0;
};

template <class Source> class batch_of_source final : public source_batch {
    using signature = signature_of_source<Source>;

public:
    batch_of_source(Source& source, std::size_t rows, std::span<const std::size_t> inputs,
                    std::span<const std::size_t> targets)
        : source_{source}, x_(rows, inputs), y_(rows, targets) {}

    double read(std::size_t sample, std::size_t row) override {
        double weight = 1;
        x_.fill(row, [&](auto x) {
            y_.fill(row, [&](auto y) {
                if constexpr (signature::is_weighted)
                    source_.read(sample, x, y, weight);
                else
                    source_.read(sample, x, y);
            });
        });
        return weight;
    }

    array_ref x(std::size_t first, std::size_t count) const override { return x_.rows(first, count); }
    array_ref y(std::size_t first, std::size_t count) const override { return y_.rows(first, count); }

private:
    Source& source_;
    source_rows<typename signature::x> x_;
    source_rows<typename signature::y> y_;
};

/// `Held` is a source, or a reference to one.
template <class Held> class source_of final : public any_source {
    using source = std::remove_reference_t<Held>;
    using signature = signature_of_source<source>;
    static_assert(
        !std::is_const_v<source> ||
            requires(source& s, std::span<typename signature::x> x, std::span<typename signature::y> y,
                     double& weight) { s.read(0, x, y); } ||
            requires(source& s, std::span<typename signature::x> x, std::span<typename signature::y> y,
                     double& weight) { s.read(0, x, y, weight); },
        "a source of samples is const, but its `read` is not");

public:
    explicit source_of(Held&& held) : held_(std::forward<Held>(held)) {}

    std::size_t samples() const override { return held_.samples(); }
    void begin_epoch([[maybe_unused]] std::size_t epoch) override {
        if constexpr (requires { held_.begin_epoch(epoch); }) held_.begin_epoch(epoch);
    }
    bool is_weighted() const override { return signature::is_weighted; }
    std::unique_ptr<source_batch> make_batch(std::size_t rows, std::span<const std::size_t> inputs,
                                             std::span<const std::size_t> targets) override {
        return std::make_unique<batch_of_source<source>>(held_, rows, inputs, targets);
    }

private:
    Held held_;
};

}  // namespace detail

/// Any source, or a part of its samples. It refers to a source that has a name, and keeps one that has none.
class source_ref {
public:
    template <class Source>
        requires(sample_source<Source>)
    source_ref(Source&& source)  // NOLINT: a source stands for itself
        : source_{std::make_shared<detail::source_of<Source>>(std::forward<Source>(source))},
          samples_{source_->samples()} {}

    /// Anything else is refused with a sentence.
    template <class Other>
        requires(!sample_source<Other> && !std::is_same_v<std::remove_cvref_t<Other>, source_ref>)
    source_ref(Other&&) {
        static_assert(
            std::is_void_v<Other>,
            "fit and evaluate take x and y, or a source of samples, which needs `std::size_t samples() const` and "
            "`void read(std::size_t sample, std::span<X> x, std::span<Y> y)`: see data/sample_source.hpp");
    }

    std::size_t samples() const { return samples_; }
    bool is_weighted() const { return source_->is_weighted(); }
    void begin_epoch(std::size_t epoch) const { source_->begin_epoch(epoch); }

    /// The number of its first sample in the source.
    std::size_t first() const { return first_; }

    /// The samples first, ..., first + count - 1.
    source_ref part(std::size_t first, std::size_t count) const {
        source_ref some = *this;
        some.first_ += first;
        some.samples_ = count;
        return some;
    }

    /// Room for so many samples, whose inputs and targets have these extents. Refers to the source.
    std::unique_ptr<source_batch> make_batch(std::size_t rows, std::span<const std::size_t> inputs,
                                             std::span<const std::size_t> targets) const {
        return source_->make_batch(rows, inputs, targets);
    }

private:
    std::shared_ptr<detail::any_source> source_;
    std::size_t first_ = 0, samples_ = 0;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
