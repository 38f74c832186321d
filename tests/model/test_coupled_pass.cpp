#include "strata/model/coupled_pass.hpp"

#include "strata/layers/activation.hpp"
#include "strata/layers/composites.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/merging.hpp"
#include "strata/model/gradient_check.hpp"
#include "support/catch.hpp"
#include "support/lanes.hpp"
#include "support/small_models.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

using namespace strata::authoring;
using test::contains;

namespace {

/// What a Centred does wrong.
enum class fault { none, counts_empty_lanes, forgets_the_mean };

/// y = 2 (x - the mean of the batch), for each cell by itself; in inference less the moving average of the means.
template <fault Fault = fault::none> struct CentredBut {
    static constexpr std::string_view class_name = "Centred";

    template <class In> struct on {
        using output = In;
        static constexpr auto parameters = no_parameters;
        static constexpr std::array state{parameter{"mean", {In::size}, Ones::draw}};
        static constexpr stage_needs needs{.kept = In::size,
                                           .collected = In::size,
                                           .combined = In::size,
                                           .collected_gradient = In::size,
                                           .backward_reads_x = false,
                                           .backward_reads_y = false,
                                           .keeps_dy = true};

        template <class V> static void collect(forward_context<V> c, scalar_t<V>* part) {
            const std::size_t counted = Fault == fault::counts_empty_lanes ? lanes<V> : c.samples;
            for (std::size_t i = 0; i < In::size; ++i) {
                c.kept[i] = c.x[i] + c.x[i];
                part[i] = 0;
                for (std::size_t n = 0; n < counted; ++n) part[i] += as_lanes(c.x + i)[n];
            }
        }

        template <class T>
        static void combine(const T* parts, std::size_t distance, std::size_t packs, const std::size_t* samples,
                            T* batch) {
            std::size_t count = 0;
            for (std::size_t p = 0; p < packs; ++p) count += samples[p];
            for (std::size_t i = 0; i < In::size; ++i) {
                batch[i] = 0;
                for (std::size_t p = 0; p < packs; ++p) batch[i] += parts[p * distance + i];
                batch[i] /= static_cast<T>(count);
            }
        }

        template <class V> static void forward(forward_context<V> c) {
            for (std::size_t i = 0; i < In::size; ++i) {
                if (c.training)
                    c.y[i] = c.kept[i] - V(2 * c.batch[i]);
                else
                    c.y[i] = c.x[i] + c.x[i] - V(2 * c.state[i]);
            }
        }

        template <class V> static void collect_gradient(backward_context<V> c, scalar_t<V>* part) {
            for (std::size_t i = 0; i < In::size; ++i) part[i] = sum_lanes(c.dy[i]);
        }

        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            using T = scalar_t<V>;
            const T share = T(1) / static_cast<T>(c.batch_samples);
            for (std::size_t i = 0; InputGradient && i < In::size; ++i) {
                const bool coupled = c.training && Fault != fault::forgets_the_mean;
                c.dx[i] = c.dy[i] + c.dy[i] - V(coupled ? 2 * share * c.batch_gradient[i] : T(0));
            }
        }

        template <class T> static void update(const T* batch, T* values) {
            for (std::size_t i = 0; i < In::size; ++i) values[i] += (batch[i] - values[i]) / 4;
        }
    };
};
using Centred = CentredBut<>;

using V = pack<float>;
using centred_chain = network<shape<4>, Dense<3, Tanh>, Centred, Tanh, Centred, Dense<2>>;
static_assert(centred_chain::coupled_count<V> == 2 &&
              centred_chain::coupled_steps<V> == std::array<std::size_t, 2>{1, 3});
static_assert(centred_chain::collected_offsets<V> == std::array<std::size_t, 6>{0, 0, 3, 3, 6, 6});
static_assert(centred_chain::parameter_count == 15 + 8 && centred_chain::state_count == 6);
static_assert(network<shape<4>, Frozen<Centred>>::coupled_count<V> == 0);

batch_input random_batch(std::size_t samples, std::size_t inputs, std::size_t outputs, std::size_t values) {
    const auto random = [](std::size_t size, std::uint64_t seed) {
        const auto drawn = test::random_values(size, seed);
        return std::vector<double>(drawn.begin(), drawn.end());
    };
    return {.x = random(samples * inputs, 1), .dy = random(samples * outputs, 2), .values = random(values, 3)};
}

template <class In, class... Layers> std::string problem_of() { return gradient_check<In, Layers...>().problem; }

}  // namespace

TEST_CASE("coupled steps have the gradients of what they make of the batch") {
    CHECK(problem_of<Input<3>, Dense<4>, Centred, Tanh, Centred, Dense<2>>() == "");  // a mean of tanh is not that of x
    CHECK(problem_of<Input<4>, Residual<Tanh, Centred, Dense<4>>, Concatenate<Branch<Centred, Tanh>, Branch<>>>() ==
          "");
    CHECK(problem_of<Input<4>, Dense<4>, Frozen<Centred>, Dense<2>>() == "");
}

TEST_CASE("a coupled step that forgets the rest of the batch is found") {
    CHECK_THAT((problem_of<Input<3>, CentredBut<fault::forgets_the_mean>, Tanh>()), contains("of the input is "));
}

TEST_CASE("a coupled step that counts lanes without a sample is found") {
    const auto found = problem_of<Input<3>, CentredBut<fault::counts_empty_lanes>, Tanh>();
    if (lanes<pack<double>> > 1) CHECK_THAT(found, contains("for several samples at once an output is "));
}

TEST_CASE("coupled steps: the same bits with any number of threads") {
    for (const std::size_t samples : {std::size_t{1}, lanes<V>, 5 * lanes<V> + 1}) {
        batch_input in = random_batch(samples, 4, 2, centred_chain::value_count);
        const batch_output expected = run_batch<centred_chain, V>(in);
        for (in.threads = 2; in.threads <= 4; ++in.threads) CHECK((run_batch<centred_chain, V>(in) == expected));
    }
}

TEST_CASE("lanes without a sample get no gradient from the batch") {
    using alone = network<shape<4>, Centred>;
    using pass = network_pass<alone, V, true>;
    aligned_vector<V> cells(pass::cells);
    const aligned_vector<float> values(alone::value_count + lanes<V>);
    const auto x = test::random_lanes<V>(4, 1), dy = test::random_lanes<V>(4, 2);
    const auto pack = [&](std::size_t) {
        return pack_values<V>{
            .cells = cells.data(), .values = values.data(), .samples = 1, .batch_samples = 1, .training = true};
    };
    coupled_pass<alone, 1, V, true> whole(1, 1);
    parallel(1, [&](team& all, std::size_t thread) {
        std::copy(x.begin(), x.end(), cells.begin());
        whole.forward(all, thread, 0, 1, 1, pack);
        V* const gradient = pass::output_gradient<1>(cells.data());
        std::copy(dy.begin(), dy.end(), gradient);
        for (std::size_t i = 0; i < 4; ++i) {
            for (std::size_t n = 1; n < lanes<V>; ++n) as_lanes(gradient + i)[n] = 0;
        }
        whole.backward(all, thread, 0, 1, 1, pack);
    });
    for (std::size_t i = 0; i < 4; ++i) {
        for (std::size_t n = 0; n < lanes<V>; ++n) CHECK(as_lanes(pass::input_gradient(cells.data()) + i)[n] == 0);
    }
}

TEST_CASE("a model with coupled steps trains, with the same bits on any number of threads", "[threads]") {
    using Model = Sequential<Input<6, 6, 1>, Flatten, Dense<8>, Centred, Tanh, Dense<5>, Centred, Dense<3, Softmax>>;
    const auto data = test::make_images(150);
    const auto train = [&](std::size_t thread_count, double& loss) {
        set_threads(thread_count);
        Model model(1);
        auto training = compile(model, Adam{.learning_rate = 0.01}, SparseCategoricalCrossentropy{}, Accuracy{});
        const History history = training.fit(data.x, data.y, {.batch_size = 64, .epochs = 6, .verbose = 0});
        CHECK(history["loss"].back() < 0.8 * history["loss"].front());
        loss = training.evaluate(data.x, data.y, {.verbose = 0})[0];
        set_threads(0);
        return model;
    };
    double loss = 0, other_loss = 0;
    const Model model = train(1, loss);
    const auto values = model.values();
    CHECK(std::all_of(values.begin() + Model::parameter_count, values.end(), [](float mean) { return mean != 1; }));
    CHECK(loss < 1);  // the moving averages are those of the data
    for (const std::size_t thread_count : {2, 3}) {
        const Model other = train(thread_count, other_loss);
        CHECK(std::equal(values.begin(), values.end(), other.values().begin()));
        CHECK(other_loss == loss);
    }
}
