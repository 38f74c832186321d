#pragma once

#include "strata/config.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// The order in which an evaluation reads a source, such that its sums have the bits of an array's: packs are added to
/// those of their group in their order, so threads go through groups of their own side by side. A batch has packs of
/// each of these streams, stream after stream.
class evaluation_order {
public:
    /// For groups that packs of `lanes` samples form, at most `most_groups`, a power of two. A batch has about so many
    /// samples, and no more than there are.
    STRATA_OUT_OF_LINE evaluation_order(std::size_t samples, std::size_t lanes, std::size_t most_groups,
                                        std::size_t most_streams, std::size_t batch_size)
        : lanes_{lanes},
          packs_{(samples + lanes - 1) / lanes},
          groups_{std::min(packs_, most_groups)},
          streams_{std::bit_floor(std::min(most_streams, groups_))},
          packs_at_once_{
              std::clamp<std::size_t>(batch_size / (streams_ * lanes), 1, (packs_ + streams_ - 1) / streams_)} {
        samples_.reserve(samples);
        for (std::size_t batch = 0; samples_.size() < samples; ++batch) {
            for (std::size_t stream = 0; stream < streams_; ++stream) {
                const range packs = packs_of(batch, stream);
                for (std::size_t n = packs.begin * lanes; n < std::min(packs.end * lanes, samples); ++n)
                    samples_.push_back(static_cast<std::uint32_t>(n));
            }
        }
    }

    std::size_t groups() const { return groups_; }
    std::size_t streams() const { return streams_; }
    std::size_t batch_size() const { return streams_ * packs_at_once_ * lanes_; }
    std::size_t batches() const { return (samples_.size() + batch_size() - 1) / batch_size(); }
    std::span<const std::uint32_t> samples() const { return samples_; }

    /// Calls f(group, row, count) for each pack of a batch's stream: its group, its first row in the batch, how many
    /// samples it has.
    template <class F> void for_each_pack(std::size_t batch, std::size_t stream, F&& f) const {
        std::size_t row = 0;
        for (std::size_t s = 0; s < stream; ++s) row += packs_of(batch, s).size() * lanes_;
        const range packs = packs_of(batch, stream);
        for (std::size_t p = packs.begin; p < packs.end; ++p, row += lanes_)
            f(((p + 1) * groups_ - 1) / packs_, row, std::min(lanes_, samples_.size() - p * lanes_));
    }

private:
    struct range {
        std::size_t begin, end;
        std::size_t size() const { return end - begin; }
    };

    /// Streams differ by at most one pack, and the last one is never shorter: so only the last batch is short.
    range packs_of(std::size_t batch, std::size_t stream) const {
        const std::size_t first = packs_ * stream / streams_, last = packs_ * (stream + 1) / streams_;
        return {std::min(first + batch * packs_at_once_, last), std::min(first + (batch + 1) * packs_at_once_, last)};
    }

    std::size_t lanes_, packs_, groups_, streams_, packs_at_once_;
    std::vector<std::uint32_t> samples_;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
