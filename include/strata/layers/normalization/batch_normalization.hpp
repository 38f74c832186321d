#pragma once

#include "strata/core/stage.hpp"
#include "strata/initializers/initializers.hpp"
#include "strata/kernels/activation/functions.hpp"
#include "strata/kernels/normalization/batch.hpp"
#include "strata/kernels/one_sample/channels.hpp"
#include "strata/layers/fusion/activation_after_batch_normalization.hpp"
#include "strata/layers/normalization/options.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <type_traits>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Batch normalization and an activation behind it, as one stage: one pass over memory each way, besides that which
/// collects the sums over the batch.
template <class In, class Options, class Activation> struct batch_normalization_stage {
    using output = In;
    static constexpr std::size_t channels = In::extents[In::rank - 1], pixels = In::size / channels;
    static constexpr double momentum = Options::template get<option::momentum>::value;
    static constexpr double epsilon = Options::template get<option::epsilon>::value;
    static constexpr bool center = Options::template has<Center>, scale = Options::template has<Scale>;
    static constexpr bool is_linear = std::is_same_v<Activation, kernels::linear>;

    static constexpr auto parameters = gamma_and_beta<Options, channels>();
    static constexpr std::array state{parameter{"moving_mean", {channels}, Zeros::draw},
                                      parameter{"moving_variance", {channels}, Ones::draw}};

    static constexpr stage_needs needs{.collected = 2 * channels,
                                       .combined = 3 * channels,
                                       .collected_gradient = 2 * channels,
                                       .backward_reads_y = !is_linear,
                                       .dx_on_dy = !is_linear,
                                       .keeps_dy = is_linear};

    /// Means and sums of squares of a pack.
    template <class V> static void collect(forward_context<V> c, scalar_t<V>* part) {
        kernels::batch_normalization<pixels, channels, V>::collect(c.x, c.samples, part, part + channels);
    }

    /// Means, 1 / deviations and variances of the batch.
    template <class T>
    static void combine(const T* parts, std::size_t distance, std::size_t packs, const std::size_t* samples, T* batch) {
        kernels::combine_statistics<pixels, channels>(parts, distance, packs, samples, epsilon, batch, batch + channels,
                                                      batch + 2 * channels);
    }

    /// The moving averages. As in Keras, of the variance with the number of samples below, not one less.
    template <class T> static void update(const T* batch, T* moving) {
        const T keep = static_cast<T>(momentum), take = static_cast<T>(1 - momentum);
        for (std::size_t k = 0; k < channels; ++k) {
            moving[k] = keep * moving[k] + take * batch[k];
            moving[channels + k] = keep * moving[channels + k] + take * batch[2 * channels + k];
        }
    }

    template <class V> static void forward(forward_context<V> c) {
        using T = scalar_t<V>;
        const statistics<T> of(c);
        T factors[channels], shifts[channels];
        for (std::size_t k = 0; k < channels; ++k) {
            factors[k] = of.factor(c, k);
            shifts[k] = beta_of(c, k);
        }
        kernels::batch_normalization<pixels, channels, V>::template normalize<Activation>(c.x, of.means, factors,
                                                                                          shifts, c.y);
    }

    template <class V> static void collect_gradient(backward_context<V> c, scalar_t<V>* part) {
        const statistics<scalar_t<V>> of(c);
        kernels::batch_normalization<pixels, channels, V>::template collect_gradient<Activation>(
            c.x, c.y, c.dy, of.means, of.inverses, part, part + channels);
        for (std::size_t k = 0; k < channels; ++k) {
            if constexpr (scale) c.gradients[k] += part[channels + k];
            if constexpr (center) c.gradients[beta_offset + k] += part[k];
        }
    }

    template <bool InputGradient, class V> static void backward(backward_context<V> c) {
        using T = scalar_t<V>;
        T sums[2 * channels] = {};  // in inference the statistics are constants, and these are not needed
        if (c.batch == nullptr) {
            collect_gradient(c, sums);
            std::fill_n(sums, 2 * channels, T(0));
        }
        if constexpr (InputGradient) {
            const statistics<T> of(c);
            const T* const batch = c.batch == nullptr ? sums : c.batch_gradient;
            const T share = T(1) / static_cast<T>(c.batch_samples * pixels);
            T factors[channels], slopes[channels], shifts[channels];
            for (std::size_t k = 0; k < channels; ++k) {
                factors[k] = of.factor(c, k);
                slopes[k] = -factors[k] * of.inverses[k] * share * batch[channels + k];
                shifts[k] = -factors[k] * share * batch[k];
            }
            kernels::batch_normalization<pixels, channels, V>::input_gradient(c.x, c.dy, of.means, factors, slopes,
                                                                              shifts, c.dx);
        }
    }

    /// In inference: y = x factor + shift.
    template <class T> static void scale_and_shift(const forward_context<T>& c, T* factors, T* shifts) {
        const statistics<T> of(c);
        for (std::size_t k = 0; k < channels; ++k) {
            factors[k] = of.factor(c, k);
            shifts[k] = beta_of(c, k) - of.means[k] * factors[k];
        }
    }

private:
    static constexpr std::size_t beta_offset = offset_or_end(parameters, "beta");

    /// Those of the batch, or in inference the moving ones.
    template <class T> struct statistics {
        const T *means, *inverses;
        std::array<T, channels> of_state;

        template <class Context> explicit statistics(const Context& c) {
            if (c.batch != nullptr) {
                means = c.batch;
                inverses = c.batch + channels;
            } else {
                for (std::size_t k = 0; k < channels; ++k)
                    of_state[k] = T(1) / std::sqrt(c.state[channels + k] + static_cast<T>(epsilon));
                means = c.state;
                inverses = of_state.data();
            }
        }
        statistics(const statistics&) = delete;
        statistics& operator=(const statistics&) = delete;

        template <class Context> T factor(const Context& c, std::size_t k) const {
            if constexpr (scale)
                return inverses[k] * c.parameters[k];
            else
                return inverses[k];
        }
    };

    template <class Context> static auto beta_of(const Context& c, std::size_t k) {
        if constexpr (center)
            return c.parameters[beta_offset + k];
        else
            return typename Context::T(0);
    }
};

/// y = gamma (x - mean) / sqrt(variance + epsilon) + beta for each channel, the last axis (Keras: `BatchNormalization`;
/// Ioffe, Szegedy 2015). In training, mean and variance are those of the batch; moving averages of them are kept, saved
/// and used in inference. Shapes: any, unchanged.
///
/// Options, in any order: Momentum<0.99>, Epsilon<1e-3>, NoCenter, NoScale, GammaInitializer<Ones>,
/// BetaInitializer<Zeros>. Parameters: `gamma` and `beta` (channels);
/// state: `moving_mean` and `moving_variance` (channels). An activation behind it that follows from its result, such as
/// ReLU, is computed in the same pass. While training, each pack of a batch needs a workspace. Refuses a mask.
template <class... Options> struct BatchNormalization {
    using options =
        typename option_list<Options...>::template with_defaults<Momentum<0.99>, Epsilon<1e-3>, Center, Scale,
                                                                 GammaInitializer<Ones>, BetaInitializer<Zeros>>;
    static_assert(
        options::known,
        "BatchNormalization: unknown option; it takes Momentum, Epsilon, NoCenter, NoScale, GammaInitializer and "
        "BetaInitializer");
    static_assert(options::unique, "BatchNormalization: an option is given twice");

    static constexpr std::string_view class_name = "BatchNormalization";
    static constexpr bool reads_mask = true;

    template <class In, class... Mask> struct on : batch_normalization_stage<In, options, kernels::linear> {
        static_assert(sizeof...(Mask) == 0,
                      "BatchNormalization: it cannot leave masked steps out of its statistics; take "
                      "LayerNormalization");
        template <class V> using one_sample = kernels::one_sample::scaled_channels<on, on::pixels, on::channels, V>;

        /// For fusions: the same with an activation behind it.
        using before_activation = on;
        template <class Activation> using with_activation = batch_normalization_stage<In, options, Activation>;
    };
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::BatchNormalization;
}  // namespace strata
