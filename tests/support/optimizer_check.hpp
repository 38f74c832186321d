#pragma once

#include "strata/optimizers/apply.hpp"
#include "strata/optimizers/tensor_step.hpp"
#include "support/keras_vectors.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

/// Optimizers outside of a model: on the vectors of Keras.
namespace strata::authoring::test {

/// The values of an arena, one list for each step.
using steps_of_arena = std::vector<std::vector<double>>;

/// An arena's parameters after each step of an optimizer, for given gradients.
template <class V, class Optimizer>
steps_of_arena run_optimizer(const Optimizer& optimizer, const std::vector<double>& start,
                             const steps_of_arena& gradients) {
    using T = scalar_t<V>;
    const std::size_t arena = round_up(start.size(), lanes<V>);
    aligned_vector<T> parameters(arena), gradient(arena);
    std::copy(start.begin(), start.end(), parameters.begin());
    optimizer_state<T> state(Optimizer::slot_count, arena);
    steps_of_arena after;
    for (std::size_t step = 0; step < gradients.size(); ++step) {
        std::copy(gradients[step].begin(), gradients[step].end(), gradient.begin());
        // Whole registers, without apply_rule: half of the time to compile.
        const auto rule = optimizer.template rule<V>(step + 1);
        for (std::size_t k = 0; k < arena; k += lanes<V>) {
            V w = load<V>(&parameters[k]), slot[Optimizer::slot_count + 1];
            for (std::size_t s = 0; s < Optimizer::slot_count; ++s) slot[s] = load<V>(&state.values[s][k]);
            rule(w, load<V>(&gradient[k]), slot);
            store<V>(w, &parameters[k]);
            for (std::size_t s = 0; s < kept_slots(optimizer); ++s) store<V>(slot[s], &state.values[s][k]);
        }
        after.emplace_back(parameters.begin(), parameters.begin() + static_cast<std::ptrdiff_t>(start.size()));
    }
    return after;
}

/// The parameters after each step, and when training has ended.
struct training_run {
    steps_of_arena after;
    std::vector<double> finished;
};

/// The largest error over all steps and values, relative to the largest value.
inline double error(const training_run& expected, const training_run& found) {
    double largest = 0, error = 0;
    const auto compare = [&](const std::vector<double>& right, const std::vector<double>& values) {
        for (std::size_t i = 0; i < right.size(); ++i) {
            largest = std::max(largest, std::abs(right[i]));
            const double difference = std::abs(values.at(i) - right[i]);
            error = difference <= error ? error : difference;  // NaN counts as an error
        }
    };
    for (std::size_t step = 0; step < expected.after.size(); ++step)
        compare(expected.after[step], found.after.at(step));
    compare(expected.finished, found.finished);
    return error / largest;
}

/// Vectors of optimizers: variables a, b, ... one behind the other in an arena.
class optimizer_vectors {
public:
    explicit optimizer_vectors(const std::string& family) : vectors_{family} {
        for (const char* name : {"a", "b", "c"}) {
            if (!vectors_.contains(std::string("inputs/") + name + "0")) continue;
            names_.emplace_back(name);
            const auto extents = vectors_.tensor("inputs/" + names_.back() + "0").extents;
            parameter place("", {1}, zero);
            place.rank = extents.size();
            std::copy(extents.begin(), extents.end(), place.extents.begin());
            places_.push_back(place_of(place, size_));
            size_ += place.size();
        }
    }

    std::size_t case_count() const {
        const auto names = vectors_.cases();
        return static_cast<std::size_t>(
            std::count_if(names.begin(), names.end(), [](const auto& name) { return name != "inputs"; }));
    }
    const std::vector<tensor_place>& places() const { return places_; }
    std::vector<double> start() const { return joined("inputs/", "0")[0]; }
    steps_of_arena gradients() const { return joined("inputs/g", ""); }
    /// How many values Keras' optimizer has, where the vectors say so.
    std::optional<std::size_t> values_of_keras(const std::string& name) const {
        const auto& description = vectors_.description(name);
        if (!description.contains("variables")) return {};
        return description["variables"].get<std::size_t>();
    }

    training_run expected(const std::string& name) const {
        training_run run{joined(name + "/", ""), {}};
        run.finished = vectors_.contains(name + "/a_final") ? joined(name + "/", "_final")[0] : run.after.back();
        return run;
    }

private:
    static double zero(random_stream&, fans) { return 0; }

    /// The tensors PREFIX a SUFFIX, PREFIX b SUFFIX, ..., by steps where they have a first axis for those.
    steps_of_arena joined(const std::string& prefix, const std::string& suffix) const {
        steps_of_arena result;
        for (std::size_t n = 0; n < names_.size(); ++n) {
            const auto values = vectors_.tensor(prefix + names_[n] + suffix).values;
            const std::size_t size = places_[n].size;
            result.resize(values.size() / size);
            for (std::size_t step = 0; step < result.size(); ++step) {
                const auto first = values.begin() + static_cast<std::ptrdiff_t>(step * size);
                result[step].insert(result[step].end(), first, first + static_cast<std::ptrdiff_t>(size));
            }
        }
        return result;
    }

    keras_vectors vectors_;
    std::vector<std::string> names_;
    std::vector<tensor_place> places_;
    std::size_t size_ = 0;
};

/// What an optimizer makes of the start values and gradients of the vectors.
template <class V, class Optimizer>
training_run run_of_vectors(const Optimizer& optimizer, const optimizer_vectors& vectors) {
    training_run run;
    if constexpr (updates_tensors<Optimizer, V>) {
        using T = scalar_t<V>;
        const auto start = vectors.start();
        aligned_vector<T> parameters(start.size());
        std::copy(start.begin(), start.end(), parameters.begin());
        optimizer_state<T> state(Optimizer::slot_count, start.size());
        whole_tensors<T> tensors(vectors.places());
        team alone(1);
        for (const auto& gradient : vectors.gradients()) {
            std::copy(gradient.begin(), gradient.end(), tensors.gradients());
            optimizer.template update<V>({alone, 0, tensors, parameters.data(), state, run.after.size() + 1});
            run.after.emplace_back(parameters.begin(), parameters.end());
        }
        if constexpr (requires { optimizer.finalize(state, parameters.data(), parameters.size()); })
            optimizer.finalize(state, parameters.data(), parameters.size());
        run.finished.assign(parameters.begin(), parameters.end());
    } else {
        run.after = run_optimizer<V>(optimizer, vectors.start(), vectors.gradients());
        run.finished = run.after.back();
    }
    return run;
}

}  // namespace strata::authoring::test
