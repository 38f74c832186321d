#pragma once

#include "../measure.hpp"
#include "../multiply_adds.hpp"
#include "../samples.hpp"
#include "networks.hpp"

#include <algorithm>
#include <cstddef>
#include <strata/io/checkpoint.hpp>
#include <strata/strata.hpp>
#include <vector>

namespace networks {

template <class Model> Model first_model(const request& what) {
    Model model{what.seed};
    if (!what.weights.empty()) model.load(what.weights);
    return model;
}

/// Epochs with shuffling and Adam, each of them one `fit`.
template <class Model, class Value> outcome measure_training(const request& what, const samples::split<Value>& data) {
    Model model = first_model<Model>(what);
    auto training =
        strata::compile(model, strata::Adam{.learning_rate = 0.001, .beta_1 = 0.9, .beta_2 = 0.999, .epsilon = 1e-7},
                        strata::SparseCategoricalCrossentropy{});
    outcome result{.samples = data.labels.size(),
                   .multiply_adds = static_cast<double>(multiply_adds::of_network<typename Model::network>::training)};
    std::size_t epoch = 0;
    result.seconds = measure::all_seconds(what.repeats, [&] {
        const auto history = training.fit(
            data.images, data.labels,
            {.batch_size = what.batch, .epochs = epoch + 1, .initial_epoch = epoch, .verbose = 0, .seed = what.seed});
        if (epoch++ == 0) result.loss = history["loss"].front();
    });
    return result;
}

/// All samples, in arrays of one batch each.
template <class Model, class Value> outcome measure_prediction(const request& what, const samples::split<Value>& data) {
    const Model model = first_model<Model>(what);
    std::vector<strata::Tensor<Value, 4>> batches;
    for (std::size_t first = 0; first < data.labels.size(); first += what.batch) {
        batches.push_back(samples::rows(data, first, std::min(first + what.batch, data.labels.size())).images);
    }
    outcome result{.samples = data.labels.size(),
                   .multiply_adds = static_cast<double>(multiply_adds::of_network<typename Model::network>::forward)};
    result.seconds = measure::all_seconds(what.repeats, [&] {
        for (const auto& batch : batches) {
            const auto probabilities = model.predict(batch);
            if (result.prediction.empty()) {
                result.prediction.assign(probabilities.data(), probabilities.data() + Model::output::size);
            }
        }
    });
    return result;
}

/// Calls with one sample after the other, in blocks of about a second.
template <class Model, class Value> outcome measure_single(const request& what, const samples::split<Value>& data) {
    const Model model = first_model<Model>(what);
    std::vector<strata::Tensor<Value, 4>> images;
    for (std::size_t i = 0; i < std::min<std::size_t>(data.labels.size(), 1000); ++i) {
        images.push_back(samples::rows(data, i, i + 1).images);
    }
    std::vector<float> probabilities;
    const auto call = [&](std::size_t i) {
        const auto result = model.predict(images[i % images.size()]);
        if (probabilities.empty()) probabilities.assign(result.data(), result.data() + result.size());
    };
    const measure::calls calls = measure::single_calls(what.repeats, call);
    outcome result{.seconds = calls.medians,
                   .samples = 1,
                   .multiply_adds = static_cast<double>(multiply_adds::of_network<typename Model::network>::forward)};
    result.prediction = probabilities;
    const auto microseconds = [&](double part) { return 1e6 * measure::quantile(calls.each, part); };
    result.percentiles = {microseconds(0.5), microseconds(0.99), microseconds(0.999), microseconds(1)};
    return result;
}

template <class Model, class Value> outcome measure_network(const request& what, samples::data_set<Value> data) {
    strata::set_threads(what.threads);
    for (auto* part : {&data.train, &data.test}) {
        if (part->labels.size() > what.most_samples) *part = samples::rows(*part, 0, what.most_samples);
    }
    if (what.loaded != nullptr) what.loaded();
    switch (what.mode) {
        case mode::train:
            return measure_training<Model>(what, data.train);
        case mode::predict:
            return measure_prediction<Model>(what, data.test);
        default:
            return measure_single<Model>(what, data.test);
    }
}

}  // namespace networks
