#pragma once

#include "strata/core/parameter_entry.hpp"
#include "strata/core/text.hpp"
#include "strata/core/type_text.hpp"
#include "strata/optimizers/apply.hpp"
#include "strata/optimizers/tensor_step.hpp"
#include "strata/simd/pack.hpp"
#include "strata/system/parallel.hpp"
#include "strata/training/run_archive.hpp"
#include "strata/training/weight_constraints.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// What a trainer keeps between its steps besides the model and the optimizer's settings, and the update that ends a
/// step.
template <class Model, class Optimizer> class training_state {
    using T = typename Model::value_type;
    using V = pack<typename Model::precision>;
    using network = typename Model::network;

    /// Whether threads write the parameters by non-temporal stores: where an L2 holds all of them, fetching them from
    /// memory takes less time than writing what the other cores have copies of.
    static constexpr bool non_temporal_stores = Model::parameter_count * sizeof(T) <= l2_size;

public:
    /// Whether the optimizer has to see whole tensors.
    static constexpr bool sees_tensors = updates_tensors<Optimizer, V>;

    training_state() : optimizer(Optimizer::slot_count, Model::parameter_count) {
        if constexpr (sees_tensors) tensors = tensors_of_network();
    }

    optimizer_state<T> optimizer;
    whole_tensors<T> tensors{};  ///< none where the optimizer does not see them
    std::uint64_t epochs = 0;    ///< so far, in all calls of fit

    bool was_moved_from() const { return optimizer.values.size() != Optimizer::slot_count; }

    /// One thread's part of the update that follows a batch of so many samples: step t = 1, 2, ...
    template <class Pass>
    void update(const Optimizer& settings, team& all, std::size_t thread, Pass& batch, std::size_t size,
                std::uint64_t t, T* values) {
        if constexpr (sees_tensors) {
            batch.for_share_of_gradient(all, thread, size, [&](std::size_t begin, std::size_t end, const T* gradients) {
                std::copy_n(gradients, end - begin, tensors.gradients() + begin);
            });
            all.barrier();
            settings.template update<V>(tensor_step<V>{all, thread, tensors, values, optimizer, t});
        } else {
            const auto rule = settings.template rule<V>(t);
            batch.for_share_of_gradient(all, thread, size, [&](std::size_t begin, std::size_t end, const T* gradients) {
                apply_rule<V>(settings, rule, begin, end, gradients, optimizer, values,
                              non_temporal_stores && all.size() > 1);
            });
        }
        if constexpr (has_constraints<network>) constraints_.apply(all, thread, values);
    }

    /// What the optimizer does at the end of a call of fit.
    void finalize(const Optimizer& settings, T* values) {
        if constexpr (requires { settings.finalize(optimizer, values, Model::parameter_count); })
            settings.finalize(optimizer, values, Model::parameter_count);
    }

    /// Saves or loads all of it, with the learning rate and the model.
    void archive(run_archive& run, Optimizer& settings, Model& model) {
        run.begin_with("training/");
        run.number("epochs", epochs);
        run.begin_with("optimizer/");
        run.same("type", type_text<Optimizer>());
        run.number("steps", optimizer.steps);
        run.number("has_average", optimizer.has_average);
        if constexpr (requires { settings.learning_rate.is_schedule(); }) {
            if (!settings.learning_rate.is_schedule()) {
                double rate = settings.learning_rate;
                run.number("learning_rate", rate);
                if (run.loads()) settings.learning_rate = rate;
            }
        }
        for (std::size_t slot = 0; slot < optimizer.values.size(); ++slot)
            run.values(concat({"slot_", slot}), {optimizer.values[slot].size()}, optimizer.values[slot]);
        run.set_network(model_text<Model>());
        run.begin_with("model/");
        for (const parameter_entry& entry : std::as_const(model).value_table())
            run.values(entry.name, entry.shape, model.values().subspan(entry.offset, entry.size));
    }

private:
    static whole_tensors<T> tensors_of_network() {
        std::vector<tensor_place> places;
        network::for_each_parameter(
            [&](std::size_t, const parameter& p, std::size_t offset) { places.push_back(place_of(p, offset)); });
        return whole_tensors<T>(std::move(places));
    }

    [[no_unique_address]] weight_constraints<network, T> constraints_;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
