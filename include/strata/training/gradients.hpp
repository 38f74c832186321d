#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/parameter_entry.hpp"
#include "strata/core/tensor.hpp"
#include "strata/simd/memory.hpp"
#include "strata/system/parallel.hpp"
#include "strata/training/batch_pass.hpp"
#include "strata/training/evaluator.hpp"
#include "strata/training/options.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <string_view>
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

/// The loss of a batch and its derivatives: see `gradients`.
template <class T, std::size_t Rank> class named_gradients {
public:
    /// `values`: the derivatives with respect to all parameters that are trained, where `table` says.
    named_gradients(double loss_of_batch, tensor<T, Rank> of_input, std::vector<parameter_entry> table, const T* values)
        : loss{loss_of_batch}, input{std::move(of_input)}, table_{std::move(table)} {
        for (const parameter_entry& entry : table_) {
            gradients_.push_back(dynamic_tensor<T>::from_shape(entry.shape));
            std::copy_n(values + entry.offset, entry.size, gradients_.back().data());
        }
    }

    /// The mean over the samples, as `fit` computes it.
    double loss;

    /// The gradient with respect to the model's input, of the shape of x.
    tensor<T, Rank> input;

    /// The gradient with respect to a parameter, of its shape: `["conv2d/kernel"]`. Throws value_error, with the names
    /// that there are, for a name that no trained parameter has.
    const dynamic_tensor<T>& operator[](std::string_view name) const& {
        return gradients_[place_of(name, table_, "gradients: the model")];
    }

    /// Of a temporary, `gradients(…)["conv2d/kernel"]`, a copy.
    dynamic_tensor<T> operator[](std::string_view name) && { return std::as_const(*this)[name]; }

    /// The names of all parameters that are trained, in the order of the layers.
    std::vector<std::string> names() const { return names_of(table_); }

private:
    std::vector<parameter_entry> table_;
    std::vector<dynamic_tensor<T>> gradients_;
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
    const std::size_t samples = x.samples();
    if (samples == 0) raise<value_error>({"gradients: the data are empty"});
    if (samples > std::numeric_limits<std::uint32_t>::max())
        raise<value_error>({"gradients: more than 2^32 - 1 samples"});

    std::array<std::size_t, network::input::rank + 1> extents;
    std::copy_n(x.shape().begin(), extents.size(), extents.begin());
    tensor<T, network::input::rank + 1> of_input(extents);
    std::vector<std::uint32_t> rows(samples);
    std::iota(rows.begin(), rows.end(), 0u);
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
    std::vector<parameter_entry> table = model.value_table();
    std::erase_if(table, [](const parameter_entry& entry) { return !entry.trained; });
    return result(batch.loss(samples) / static_cast<double>(samples), std::move(of_input), std::move(table),
                  of_parameters.data());
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::gradients;
}  // namespace strata
