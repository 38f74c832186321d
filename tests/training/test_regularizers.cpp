#include "strata/constraints/constraints.hpp"
#include "strata/layers/activation.hpp"
#include "strata/layers/composites.hpp"
#include "strata/layers/conv2d.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/recurrent/gru.hpp"
#include "strata/layers/reshape.hpp"
#include "strata/losses/regression.hpp"
#include "strata/model/sequential.hpp"
#include "strata/optimizers/adam.hpp"
#include "strata/optimizers/optimizer_with.hpp"
#include "strata/optimizers/sgd.hpp"
#include "strata/regularizers/orthogonal.hpp"
#include "strata/regularizers/regularizers.hpp"
#include "strata/system/parallel.hpp"
#include "strata/training/gradients.hpp"
#include "strata/training/trainer.hpp"

#include "support/catch.hpp"
#include "support/keras_vectors.hpp"
#include "support/lanes.hpp"
#include "support/small_models.hpp"
#include "support/xtensor.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <vector>

using namespace strata::authoring;

namespace {

/// As in regularizers.safetensors, "network". The second Dense is not trained, so that its regularizer counts nowhere.
using Network = basic_sequential<
    double, Input<4, 3, 2>,
    Conv2D<3, Kernel<2>, Tanh, KernelRegularizer<L1L2<0.01, 0.02>>, BiasRegularizer<L2<0.3>>,
           KernelConstraint<MaxNorm<0.8, Axis<0, 1, 2>>>, BiasConstraint<NonNeg>>,
    Reshape<6, 3>,
    GRU<3, KernelRegularizer<L1<0.02>>, RecurrentRegularizer<OrthogonalRegularizer<0.5, OrthogonalMode::columns>>,
        BiasRegularizer<L1<0.05>>, RecurrentConstraint<MinMaxNorm<0.5, 0.9, 0.7, Axis<-1>>>,
        BiasConstraint<UnitNorm<Axis<1>>>>,
    Dense<4, Tanh, KernelRegularizer<L2<0.1>>, KernelConstraint<UnitNorm<>>>,
    Frozen<Dense<4, KernelRegularizer<L2<1>>, KernelConstraint<NonNeg>>>,
    Dense<2, KernelRegularizer<OrthogonalRegularizer<0.2>>>>;

class keras_runs {
public:
    std::vector<double> values(const std::string& name) const { return vectors_.tensor(name).values; }

    /// The tensor of a run, or of the start, for a parameter of ours.
    std::vector<double> values(const std::string& run, std::string parameter) const {
        std::replace(parameter.begin(), parameter.end(), '/', '.');
        return values(run + "/" + parameter);
    }

    template <class Model> Model start() const {
        Model model;
        for (const parameter_entry& entry : model.value_table()) {
            const auto from = values("network", entry.name);
            std::copy(from.begin(), from.end(), model.values().begin() + static_cast<std::ptrdiff_t>(entry.offset));
        }
        return model;
    }

    /// Samples first, ..., last - 1.
    xt::xtensor<double, 4> x(std::size_t first, std::size_t last) const {
        const auto all = values("network/x");
        xt::xtensor<double, 4> part(std::array<std::size_t, 4>{last - first, 4, 3, 2});
        std::copy_n(all.begin() + static_cast<std::ptrdiff_t>(first * 24), part.size(), part.begin());
        return part;
    }
    xt::xtensor<double, 2> y(std::size_t first, std::size_t last) const {
        const auto all = values("network/y");
        xt::xtensor<double, 2> part(std::array<std::size_t, 2>{last - first, 2});
        std::copy_n(all.begin() + static_cast<std::ptrdiff_t>(first * 2), part.size(), part.begin());
        return part;
    }

private:
    test::keras_vectors vectors_{"regularizers"};
};

/// Six steps, each a `fit` of one batch, then an epoch whose last batch is shorter.
template <class Model, class Optimizer>
void check_run(const std::string& run, const Optimizer& optimizer, double tolerance) {
    const keras_runs keras;
    auto model = keras.start<Model>();
    auto training = compile(model, optimizer, MeanSquaredError{});
    for (std::size_t t = 0; t < 6; ++t) {
        const std::size_t first = t % 2 * 8;
        const History history = training.fit(keras.x(first, first + 8), keras.y(first, first + 8),
                                             {.batch_size = 8, .shuffle = false, .verbose = 0});
        INFO(run << ", step " << t + 1);
        CHECK(history["loss"][0] == Approx(keras.values(run + "/loss")[t]).epsilon(tolerance));
        for (const parameter_entry& entry : model.value_table()) {
            INFO(entry.name);
            const auto all = keras.values(run, entry.name);
            const auto begin = all.begin() + static_cast<std::ptrdiff_t>(t * entry.size);
            CHECK(test::relative_error(model.values().subspan(entry.offset, entry.size),
                                       std::vector(begin, begin + static_cast<std::ptrdiff_t>(entry.size))) <=
                  tolerance);
        }
    }
    const auto x = keras.x(0, 20);
    const auto y = keras.y(0, 20);
    const History history = training.fit(
        x, y, {.batch_size = 8, .shuffle = false, .validation_data = {keras.x(0, 5), keras.y(0, 5)}, .verbose = 0});
    const auto epoch = keras.values(run + "/epoch");
    CHECK(history["loss"][0] == Approx(epoch[0]).epsilon(tolerance));
    CHECK(history["val_loss"][0] == Approx(epoch[1]).epsilon(tolerance));
    CHECK(training.evaluate(x, y, {.verbose = 0})[0] == Approx(epoch[2]).epsilon(tolerance));
}

/// The penalty of a matrix, and its gradient in two pieces.
template <class Regularizer> void check_penalty(const std::string& name) {
    const keras_runs keras;
    const auto weights = keras.values("weights/matrix");
    penalty_list<double> list;
    list.add(parameter{"kernel", {6, 5}, parameter_rules{Zeros::draw, regularizer_of<Regularizer>()}}, 0);
    const team alone(1);
    list.compute(alone, 0, weights.data());
    std::vector<double> gradient(30);
    list.add_gradient(0, 13, gradient.data());
    list.add_gradient(13, 40, gradient.data() + 13);
    INFO(name);
    CHECK(list.sum() == Approx(keras.values(name + "/penalty")[0]).epsilon(1e-12));
    CHECK(test::relative_error(gradient, keras.values(name + "/d_weights")) <= 1e-12);
}

template <class Constraint>
void check_constraint(const std::string& name, const std::string& what, std::initializer_list<std::size_t> shape) {
    const keras_runs keras;
    auto weights = keras.values("weights/" + what);
    constraint_list<double> list;
    list.add(parameter{"kernel", shape, parameter_rules{Zeros::draw, {}, constraint_of<Constraint>()}}, 0);
    team alone(1);
    list.apply(alone, 0, weights.data());
    INFO(name);
    CHECK(test::relative_error(weights, keras.values(name + "/limited")) <= 1e-12);
}

}  // namespace

TEST_CASE("regularizers are Keras': penalty and gradient") {
    check_penalty<L1<>>("l1");
    check_penalty<L2<>>("l2");
    check_penalty<L1L2<0.3, 0.07>>("l1_l2");
    check_penalty<OrthogonalRegularizer<>>("orthogonal");
    check_penalty<OrthogonalRegularizer<0.4, OrthogonalMode::columns>>("orthogonal_columns");
}

TEST_CASE("constraints are Keras'") {
    check_constraint<MaxNorm<>>("max_norm", "matrix", {6, 5});
    check_constraint<MaxNorm<1.5, Axis<0, 1, 2>>>("max_norm_filters", "kernel", {2, 3, 2, 4});
    check_constraint<NonNeg>("non_neg", "matrix", {6, 5});
    check_constraint<UnitNorm<>>("unit_norm", "kernel", {2, 3, 2, 4});
    check_constraint<UnitNorm<Axis<-1>>>("unit_norm_rows", "matrix", {6, 5});
    check_constraint<MinMaxNorm<>>("min_max_norm", "matrix", {6, 5});
    check_constraint<MinMaxNorm<0.9, 1.6, 0.6, Axis<0, 2>>>("min_max_norm_rate", "kernel", {2, 3, 2, 4});
}

TEST_CASE("the penalty of many floats is exact, with the same bits at any number of threads", "[threads]") {
    constexpr std::size_t count = 3'000'001;
    std::vector<float> weights(count);
    long double sizes = 0, squares = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const auto random = static_cast<float>((i * 2654435761u) % 4294967296u) / 4294967296.0f;
        weights[i] = random - 0.25f;
        sizes += std::abs(static_cast<long double>(weights[i]));
        squares += static_cast<long double>(weights[i]) * static_cast<long double>(weights[i]);
    }
    std::vector<double> sums;
    for (const std::size_t threads : {1, 2, 3}) {
        penalty_list<float> list;
        list.add(parameter{"kernel", {count}, parameter_rules{Zeros::draw, regularizer_of<L1L2<0.01, 0.02>>()}}, 0);
        parallel(threads, [&](team& all, std::size_t thread) { list.compute(all, thread, weights.data()); });
        sums.push_back(list.sum());
    }
    CHECK(sums[0] == Approx(static_cast<double>(0.01L * sizes + 0.02L * squares)).epsilon(1e-13));
    CHECK(sums[1] == sums[0]);
    CHECK(sums[2] == sums[0]);
}

TEST_CASE("networks with regularizers and constraints train as in Keras") {
    check_run<Network>("sgd", SGD{.learning_rate = 0.05}, 1e-10);
    check_run<Network>("adam_clipnorm", OptimizerWith{Adam{.learning_rate = 0.02}, {.clipnorm = 0.3}}, 1e-10);
    check_run<Network::with<float>>("sgd", SGD{.learning_rate = 0.05}, 1e-5);
}

TEST_CASE("a weight of zero has no slope of L1") {
    const float weights[3] = {0, 1, -1};
    float gradient[3] = {};
    penalty_list<float> list;
    list.add(parameter{"bias", {3}, parameter_rules{Zeros::draw, regularizer_of<L1<0.5>>()}}, 0);
    list.compute(team(1), 0, weights);
    list.add_gradient(0, 3, gradient);
    CHECK(std::vector(gradient, gradient + 3) == std::vector{0.0f, 0.5f, -0.5f});
}

TEST_CASE("gradients are those of the loss with penalties") {
    const keras_runs keras;
    const auto model = keras.start<Network>();
    const auto found = gradients(model, MeanSquaredError{}, keras.x(0, 8), keras.y(0, 8));
    CHECK(found.loss == Approx(keras.values("sgd/loss")[0]).epsilon(1e-10));
    for (const char* const name : {"gru/kernel", "dense_2/kernel", "dense_2/bias"}) {
        const auto before = keras.values("network", name), after = keras.values("sgd", name);
        std::vector<double> expected(before.size());  // Keras moves what has no constraint by 0.05 times this
        for (std::size_t i = 0; i < before.size(); ++i) expected[i] = (before[i] - after[i]) / 0.05;
        INFO(name);
        CHECK(test::relative_error(found[name], expected) <= 1e-10);
    }
}

TEST_CASE("regularizers and constraints give the same bits with any number of threads", "[threads]") {
    const keras_runs keras;
    const auto x = keras.x(0, 20);
    const auto y = keras.y(0, 20);
    std::vector<std::vector<double>> parameters, losses;
    for (const std::size_t threads : {1, 2, 3}) {
        set_threads(threads);
        auto model = keras.start<Network>();
        auto training = compile(model, SGD{.learning_rate = 0.05}, MeanSquaredError{});
        losses.push_back(training.fit(x, y, {.batch_size = 13, .epochs = 4, .verbose = 0})["loss"]);
        parameters.push_back(test::parameters_of(model));
    }
    set_threads(0);
    CHECK(parameters[1] == parameters[0]);
    CHECK(parameters[2] == parameters[0]);
    CHECK(losses[1] == losses[0]);
    CHECK(losses[2] == losses[0]);
}
