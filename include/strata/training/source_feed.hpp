#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/tensor.hpp"
#include "strata/core/text.hpp"
#include "strata/data/sample_source.hpp"
#include "strata/system/background_work.hpp"
#include "strata/training/batch_feed.hpp"
#include "strata/training/fit_data.hpp"
#include "strata/training/options.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// The batches of a source, each of which a thread of its own reads while the one before is worked on: room for two.
class source_feed final : public batch_feed {
public:
    /// `check` throws for data that do not fit. Classes have weights where `of_classes` has any.
    STRATA_OUT_OF_LINE source_feed(const source_ref& source, std::size_t batch_size,
                                   std::span<const std::size_t> inputs, std::span<const std::size_t> targets,
                                   std::function<void(const labelled_data&)> check, class_weights of_classes = {})
        : source_{source},
          batch_size_{batch_size},
          check_{std::move(check)},
          of_classes_{std::move(of_classes)},
          rows_(batch_size),
          work_([this] { load(); }) {
        std::iota(rows_.begin(), rows_.end(), 0u);
        for (room& one : rooms_) {
            one.values = source.make_batch(batch_size, inputs, targets);
            one.weights.resize(batch_size);
        }
    }

    STRATA_OUT_OF_LINE void begin(std::span<const std::uint32_t> samples, std::size_t first) override {
        pause();
        samples_ = samples;
        next_ = first;
        start();
        if (!advance()) rethrow();
    }

    const labelled_data& batch() const override { return rooms_[1 - loaded_].data; }
    std::span<const std::uint32_t> rows(std::size_t count) const override { return std::span(rows_).first(count); }

    STRATA_OUT_OF_LINE bool advance() override {
        error_ = work_.finish();
        if (error_) return false;
        loaded_ = 1 - loaded_;
        start();
        return true;
    }

    STRATA_OUT_OF_LINE void rethrow() override {
        if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
    }

    void pause() override { work_.drop(); }

    STRATA_OUT_OF_LINE void begin_epoch(std::uint64_t epoch) override {
        pause();
        source_.begin_epoch(epoch);
    }

private:
    struct room {
        std::unique_ptr<source_batch> values;
        std::vector<double> weights;
        labelled_data data{};
    };

    bool is_weighted() const { return source_.is_weighted() || !of_classes_.empty(); }

    void start() {
        if (next_ < samples_.size()) work_.start();
    }

    /// Reads the next batch, on the thread that reads.
    void load() {
        room& to = rooms_[loaded_];
        const std::size_t count = std::min(batch_size_, samples_.size() - next_);
        for (std::size_t row = 0; row < count; ++row)
            to.weights[row] = to.values->read(source_.first() + samples_[next_ + row], row);
        to.data = rows_of(to, 0, count);
        detail::attempt([&] { check_(to.data); }, [&] { check_each(to, count); });
        if (!of_classes_.empty()) detail::set_weights_by_class(to.data.y, of_classes_, to.weights);
        next_ += count;
    }

    labelled_data rows_of(const room& from, std::size_t first, std::size_t count) const {
        const std::array<std::size_t, 1> extents{count};
        return {from.values->x(first, count), from.values->y(first, count),
                is_weighted() ? array_ref(from.weights.data() + first, extents) : array_ref()};
    }

    /// Some sample of a batch does not fit: throws an error that says which.
    void check_each([[maybe_unused]] const room& from, std::size_t count) const {
        for (std::size_t row = 0; row < count; ++row) {
            std::string problem;
#ifdef __cpp_exceptions
            try {
                check_(rows_of(from, row, 1));
            } catch (const value_error& error) {
                problem = error.what();
            }
#endif
            if (problem.empty()) continue;
            constexpr std::string_view of_row = " of sample 0";  // the only one that was looked at
            if (const auto at = problem.find(of_row); at != problem.npos) problem.erase(at, of_row.size());
            raise<value_error>({problem, " (sample ", source_.first() + samples_[next_ + row], " of the source)"});
        }
        std::rethrow_exception(std::current_exception());
    }

    source_ref source_;
    std::size_t batch_size_;
    std::function<void(const labelled_data&)> check_;
    class_weights of_classes_;
    std::vector<std::uint32_t> rows_;
    std::array<room, 2> rooms_;
    std::size_t loaded_ = 0;  // the room that the next batch is read into
    std::span<const std::uint32_t> samples_;
    std::size_t next_ = 0;  // the place of that batch in samples_
    std::exception_ptr error_;
    background_work work_;  // the last member: its thread ends first
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
