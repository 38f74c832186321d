#pragma once

#include "strata/training/options.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Where the batches of fit and evaluate come from, if from no array: see training/source_feed.hpp.
class batch_feed {
public:
    virtual ~batch_feed() = default;

    /// Begins with samples[first], and reads its batch. What follows comes in the order of `samples`, which have to
    /// stay. Throws what the source throws.
    virtual void begin(std::span<const std::uint32_t> samples, std::size_t first) = 0;

    /// The batch that has been read: its samples are the first rows, in their order.
    virtual const labelled_data& batch() const = 0;

    /// The numbers of its first rows, 0, 1, ...
    virtual std::span<const std::uint32_t> rows(std::size_t count) const = 0;

    /// Goes on to the next batch, if there is one; that of before is no longer there. Returns false where reading it
    /// failed: `rethrow` throws why.
    virtual bool advance() = 0;
    virtual void rethrow() = 0;

    /// For the begin of an epoch of training.
    virtual void begin_epoch(std::uint64_t epoch) = 0;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
