#pragma once

#include "strata/core/tensor.hpp"
#include "strata/model/gauss_newton_pass.hpp"
#include "strata/model/input.hpp"
#include "strata/model/network_pass.hpp"
#include "strata/simd/memory.hpp"
#include "strata/simd/pack.hpp"
#include "strata/system/parallel.hpp"
#include "strata/training/batch_feed.hpp"
#include "strata/training/batch_gradient.hpp"
#include "strata/training/batch_values.hpp"
#include "strata/training/evaluator.hpp"
#include "strata/training/named_derivatives.hpp"
#include "strata/training/options.hpp"
#include "strata/training/pack_loader.hpp"
#include "strata/training/pack_losses.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Sums up the diagonal of the Gauss-Newton matrix of a loss over samples, with the values that a model has now. The
/// sums have the same order with any number of threads.
template <class Model, class Loss> class gauss_newton_sum {
    using network = typename Model::network::written;
    using V = pack<typename Model::precision>;
    using T = scalar_t<V>;
    using losses = pack_losses<network, Loss, std::tuple<>, V>;
    using pass = gauss_newton_pass<network, V>;

public:
    /// For at most so many rows at a time. Throws value_error where the loss has no second derivatives.
    gauss_newton_sum(const Model& model, const Loss& loss, std::size_t most_rows)
        : values_{model.values().data()},
          loss_{loss},
          pass_(values_),
          gradient_(packs_for<V>(most_rows)),
          threads_(std::min(threads(), gradient_.shards())),
          workspaces_(threads_, aligned_vector<V>(std::max(pass::cells, network::template joint_scratch<V>))),
          losses_(threads_),
          loader_(threads_, threads_) {
        losses::require_second_derivatives(loss);
    }

    /// Adds that of these rows, divided by `samples`, to `diagonal`.
    void add(const labelled_data& data, std::span<const std::uint32_t> rows, std::size_t samples, T* diagonal) {
        const batch_values<T> batch{.data = &data,
                                    .scale_of_input = static_cast<T>(scale_of_input<network, V>(data.x)),
                                    .rows = rows,
                                    .values = values_,
                                    .training = false};
        const T scale = static_cast<T>(share_of_counted(loss_, data.y, rows) / static_cast<double>(samples));
        const std::size_t packs = packs_for<V>(rows.size()), shards = std::min(packs, gradient_.shards());
        parallel(std::min(threads_, shards), [&](team& all, std::size_t thread) {
            const auto mine = all.share(thread, shards);
            for (std::size_t s = mine.begin; s < mine.end; ++s) {
                T* const sums = gradient_.cleared(s);
                for (std::size_t p = packs * s / shards; p < packs * (s + 1) / shards; ++p)
                    run_pack(batch, p, thread, scale, sums);
            }
            all.barrier();
            gradient_.for_share(all, thread, shards, packs, workspaces_[thread].data(),
                                [&](std::size_t begin, std::size_t end, const T* sums) {
                                    for (std::size_t k = begin; k < end; ++k) diagonal[k] += sums[k - begin];
                                });
        });
    }

private:
    [[gnu::noinline]] void run_pack(const batch_values<T>& batch, std::size_t p, std::size_t thread, T scale, T* sums) {
        const std::size_t count = std::min(lanes<V>, batch.rows.size() - p * lanes<V>);
        const pack_values<V> pack{.cells = workspaces_[thread].data(),
                                  .values = batch.values,
                                  .gradients = sums,
                                  .operands = gradient_.operands(p),
                                  .samples = count,
                                  .batch_samples = batch.rows.size()};
        loader_.load(batch, p, count, thread, thread, pack.cells);
        const V* y = pass::template forward<losses::steps>(pack);
        const auto rows = pack_loader<network, V>::of_pack(batch.rows, p, count);
        const pack_rows own{rows.data(), count};
        V* const derivatives = pass::template output_derivatives<losses::steps>(pack.cells);
        if constexpr (pass::reads_gradient) {
            losses_[thread].gradient(*batch.data, own, loss_, y, scale, derivatives);
            pass::template keep_gradient<losses::steps>(pack);
            loader_.load(batch, p, count, thread, thread, pack.cells);
            y = pass::template forward<losses::steps>(pack);
        }
        losses_[thread].second_derivatives(*batch.data, own, loss_, y, scale, derivatives);
        pass_.template backward<losses::steps>(pack);
    }

    const T* values_;
    Loss loss_;
    pass pass_;
    batch_gradient<network, V> gradient_;
    std::size_t threads_;
    std::vector<aligned_vector<V>> workspaces_;
    std::vector<losses> losses_;
    pack_loader<network, V> loader_;
};

namespace detail {

/// Sums with another rounding, as those of Winograd's form, may lie a little below zero, where no second derivative of
/// this approximation does.
template <class T> void set_negative_to_zero(std::span<T> diagonal) {
    for (T& value : diagonal) {
        if (value < 0) value = 0;
    }
}

/// For `fit`, before an epoch: fills `diagonal` with that of the mean loss over these samples of the training data, as
/// they are before any augmentation. They are read from the feed, in batches of `batch_size`, unless that is null.
template <class Model, class Loss>
void estimate_gauss_newton(const Model& model, const Loss& loss, const labelled_data& data, batch_feed* feed,
                           std::size_t batch_size, const std::vector<std::uint32_t>& drawn,
                           std::span<typename Model::value_type> diagonal) {
    std::fill(diagonal.begin(), diagonal.end(), typename Model::value_type(0));
    gauss_newton_sum<Model, Loss> sum(model, loss, feed == nullptr ? drawn.size() : batch_size);
    if (feed == nullptr) {
        sum.add(data, drawn, drawn.size(), diagonal.data());
    } else {
        const pause_at_end reading(feed);
        feed->begin(drawn, 0);
        for (std::size_t first = 0; first < drawn.size(); first += batch_size) {
            const std::size_t size = std::min(batch_size, drawn.size() - first);
            sum.add(feed->batch(), feed->rows(size), drawn.size(), diagonal.data());
            if (!feed->advance()) feed->rethrow();
        }
    }
    set_negative_to_zero(diagonal);
}

}  // namespace detail

/// The diagonal of the Gauss-Newton matrix of a model's mean loss over the rows of x, with targets y as `fit` takes
/// them: for each parameter that is trained the second derivative of the loss, without the second derivatives of the
/// layers, so that none is negative. Those of an RBF alone, as the output, do count; where they make a second
/// derivative with respect to a center or an input of a sample negative, zero takes its place. It goes back layer by
/// layer, as a gradient does, and only diagonals are kept on the way (LeCun, Bottou, Bengio, Haffner 1998, appendix C).
///
///     const auto h = gauss_newton_diagonal(model, SparseCategoricalCrossentropy{}, x, y);
///     h["conv2d/kernel"];
///
/// A weight that several connections share has the sum over these, each taken as a weight of its own. Layers behave as
/// in `predict`; penalties of regularizers do not count. Layers and losses have to know how: `gauss_newton`
/// (core/stage.hpp) and `second_derivatives` (losses/loss.hpp); a static_assert says which has not. The same bits with
/// any number of threads. Throws what `gradients` throws, and value_error for a cross-entropy of probabilities.
template <class Model, class Loss>
auto gauss_newton_diagonal(const Model& model, const Loss& loss, const array_argument& x, const array_argument& y) {
    static_assert(
        requires { Model::parameter_count; },
        "gauss_newton_diagonal: the first argument must be a model, a Sequential");
    using T = typename Model::value_type;
    const labelled_data data{x, y};
    evaluator<Model, Loss>(model, loss).require(data, "gauss_newton_diagonal");
    const std::vector<std::uint32_t> rows = detail::every_row(x, "gauss_newton_diagonal");
    aligned_vector<T> diagonal(Model::parameter_count);
    gauss_newton_sum<Model, Loss>(model, loss, rows.size()).add(data, rows, rows.size(), diagonal.data());
    detail::set_negative_to_zero(std::span<T>(diagonal));
    return named_derivatives<T>("gauss_newton_diagonal", model.value_table(), diagonal.data());
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::gauss_newton_diagonal;
}  // namespace strata
