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

    /// Waits until no sample is being read, and none will be before the next `begin`.
    virtual void pause() = 0;

    /// For the begin of an epoch of training.
    virtual void begin_epoch(std::uint64_t epoch) = 0;
};

/// Pauses a feed, if there is one, at the end of a block, also where an exception leaves it: then a validation may read
/// the same source, and the order of the samples may go.
class pause_at_end {
public:
    explicit pause_at_end(batch_feed* feed) : feed_{feed} {}
    ~pause_at_end() {
        if (feed_ != nullptr) feed_->pause();
    }
    pause_at_end(const pause_at_end&) = delete;
    pause_at_end& operator=(const pause_at_end&) = delete;

private:
    batch_feed* feed_;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
