#pragma once

#include "strata/core/parameter_entry.hpp"
#include "strata/core/tensor.hpp"
#include "strata/simd/memory.hpp"
#include "strata/system/parallel.hpp"
#include "strata/training/batch_pass.hpp"
#include "strata/training/evaluator.hpp"
#include "strata/training/named_derivatives.hpp"
#include "strata/training/options.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// What `gradients` can be told.
struct gradient_options {
    /// Layers behave as in a step of `fit`: Dropout and its like draw, BatchNormalization takes the statistics of the
    /// batch. (Keras: `model(x, training=True)`.) Moving averages stay as they are.
    bool training = false;
    /// How much each sample counts, of shape (N); without it, 1.
    array_ref sample_weight{};
    /// Fixes what Dropout and its like draw: what the first step of a `fit` with this seed draws.
    std::uint64_t seed = 0;
};

/// The loss of a batch and its derivatives: see `gradients`. Those with respect to a parameter are found by its name.
template <class T, std::size_t Rank> class named_gradients : public named_derivatives<T> {
public:
    /// `values`: see named_derivatives.
    named_gradients(double loss_of_batch, tensor<T, Rank> of_input, std::vector<parameter_entry> table, const T* values)
        : named_derivatives<T>("gradients", std::move(table), values),
          loss{loss_of_batch},
          input{std::move(of_input)} {}

    /// The mean over the samples, as `fit` computes it.
    double loss;

    /// The gradient with respect to the model's input, of the shape of x.
    tensor<T, Rank> input;
};

/// The gradients of a model's mean loss over the rows of x, of shape (N, input...), with targets y as `fit` takes them.
/// They are those of one batch of N samples; the model stays as it is.
///
///     const auto g = gradients(model, SparseCategoricalCrossentropy{}, x, y);
///     g.loss; g.input; g["conv2d/kernel"];
///
/// Layers behave as in `predict`, unless the options say `.training = true`. The gradient of the input is with respect
/// to what the first layer reads: bytes that are scaled count as numbers from 0 to 1, so a byte that is larger by 1
/// changes the loss by 1/255 of it. It is zero where an Embedding reads the input, since indices have no derivative.
/// Parameters of Frozen layers have no gradient here. The same bits with any number of threads.
///
/// Keras: `tape.gradient(loss(y, model(x)), [*model.trainable_variables, x])`. Throws shape_error and value_error for
/// data that do not fit, value_error for a model that was moved from; a loss that is not finite is returned.
template <class Model, class Loss>
auto gradients(const Model& model, const Loss& loss, const array_argument& x, const array_argument& y,
               const gradient_options& options = {}) {
    static_assert(
        requires { Model::parameter_count; }, "gradients: the first argument must be a model, a Sequential");
    using network = typename Model::network;
    using T = typename Model::value_type;
    using V = pack<typename Model::precision>;
    using result = named_gradients<T, network::input::rank + 1>;

    const labelled_data data{x, y, options.sample_weight};
    evaluator<Model, Loss>(model, loss).require(data, "gradients");
    const std::vector<std::uint32_t> rows = detail::every_row(x, "gradients");
    const std::size_t samples = rows.size();

    std::array<std::size_t, network::input::rank + 1> extents;
    std::copy_n(x.shape().begin(), extents.size(), extents.begin());
    tensor<T, network::input::rank + 1> of_input(extents);
    const batch_values<T> given{.data = &data,
                                .scale_of_input = static_cast<T>(scale_of_input<network, V>(x)),
                                .rows = rows,
                                .values = model.values().data(),
                                .random = {.seed = options.seed},
                                .training = options.training,
                                .input_gradient = of_input.data()};
    aligned_vector<T> of_parameters(Model::parameter_count);
    batch_pass<network, Loss, std::tuple<>, V, true> batch(samples, threads(), options.training);
    parallel(batch.threads(), [&](team& all, std::size_t thread) {
        batch.run(all, thread, given, loss, {});
        all.barrier();
        batch.for_share_of_gradient(all, thread, samples, [&](std::size_t begin, std::size_t end, const T* values) {
            std::copy_n(values, end - begin, of_parameters.data() + begin);
        });
    });
    return result(batch.loss(samples) / static_cast<double>(samples), std::move(of_input), model.value_table(),
                  of_parameters.data());
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::gradients;
}  // namespace strata
