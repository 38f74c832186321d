#pragma once

#include "strata/core/stage.hpp"
#include "strata/layers/axes.hpp"
#include "strata/layers/options.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>

namespace strata::authoring {
inline namespace STRATA_ISA {

namespace option {
struct size;
struct interpolation;
}  // namespace option

/// How many rows and columns an UpSampling makes of one (Keras: `size`).
template <std::size_t Rows, std::size_t Columns = Rows> struct Size {
    static_assert(Rows > 0 && Columns > 0, "Size: rows and columns must be at least 1");
    using option = option::size;
    static constexpr extent2d value{Rows, Columns};
};

/// UpSampling2D repeats its cells (Keras: `interpolation="nearest"`, the default).
struct Nearest {
    using option = option::interpolation;
};

/// The cells of an UpSampling2D lie on lines between those of its input (Keras: `interpolation="bilinear"`).
struct Bilinear {
    using option = option::interpolation;
};

/// The options of the UpSampling layers.
template <class... Options>
using up_sampling_options = typename option_list<Options...>::template with_defaults<Size<2>, Nearest>;

namespace detail {

/// An output between two neighbours of the input, along one axis.
struct between_inputs {
    std::size_t lower = 0, upper = 0;
    double share = 0;  ///< of the upper one
};

/// All outputs of an axis. The input's cells have the middle of what they become, and outside of the first and the last
/// middle there is no line but their values.
template <std::size_t Inputs, std::size_t Factor>
inline constexpr auto bilinear_outputs = [] {
    std::array<between_inputs, Inputs * Factor> outputs{};
    for (std::size_t o = 0; o < Inputs * Factor; ++o) {
        const std::size_t halves = 2 * o + 1;  // the middle is at halves / (2 Factor) - 1 / 2
        if (halves < Factor) continue;
        between_inputs& output = outputs[o];
        output.lower = (halves - Factor) / (2 * Factor);
        output.upper = std::min(output.lower + 1, Inputs - 1);
        output.share = double((halves - Factor) % (2 * Factor)) / double(2 * Factor);
    }
    return outputs;
}();

}  // namespace detail

/// Repeats the cells of an image, or puts lines between them.
template <class In, std::size_t Axes, class Options> struct up_sampling_stage : input_of_axes<In, Axes> {
    using input_of_axes<In, Axes>::input;
    static constexpr extent2d size = along_axes<Axes>(Options::template get<option::size>::value);
    static_assert(Axes == 2 || (is_one_number<typename Options::template get<option::size>>() &&
                                !Options::template has<Bilinear>),
                  "UpSampling1D: it takes Size with one number, and no interpolation");
    static_assert(Options::unique, "up-sampling: an option is given twice");
    static constexpr std::size_t channels = input[2];
    static constexpr extent2d extents{input[0] * size.rows, input[1] * size.columns};

    using output = output_shape<Axes, extents.rows, extents.columns, channels>;
    static constexpr auto parameters = no_parameters;
    static constexpr stage_needs needs{.backward_reads_x = false, .backward_reads_y = false, .keeps_dy = true};

    template <class V> static void forward(forward_context<V> c) {
        for_each_pixel<V>([&](std::size_t to, const auto& from, const auto& shares) {
            for (std::size_t ch = 0; ch < channels; ++ch) {
                V sum = shares[0] * c.x[from[0] + ch];
                for (std::size_t k = 1; k < from.size(); ++k) sum = multiply_add(shares[k], c.x[from[k] + ch], sum);
                c.y[to + ch] = sum;
            }
        });
    }

    template <bool InputGradient, class V> static void backward(backward_context<V> c) {
        if constexpr (InputGradient) {
            std::fill_n(c.dx, In::size, V(scalar_t<V>(0)));
            for_each_pixel<V>([&](std::size_t to, const auto& from, const auto& shares) {
                for (std::size_t ch = 0; ch < channels; ++ch) {
                    for (std::size_t k = 0; k < from.size(); ++k)
                        c.dx[from[k] + ch] = multiply_add(shares[k], c.dy[to + ch], c.dx[from[k] + ch]);
                }
            });
        }
    }

private:
    /// Calls body(cell of the output, cells of the input, their shares) for the first channel of each pixel.
    template <class V, class Body> static void for_each_pixel(Body&& body) {
        constexpr bool bilinear = Options::template has<Bilinear>;
        const auto pixel = [](std::size_t row, std::size_t column) { return (row * input[1] + column) * channels; };
        for (std::size_t row = 0, to = 0; row < extents.rows; ++row) {
            for (std::size_t column = 0; column < extents.columns; ++column, to += channels) {
                if constexpr (bilinear) {
                    using T = scalar_t<V>;
                    const auto& r = detail::bilinear_outputs<input[0], size.rows>[row];
                    const auto& c = detail::bilinear_outputs<input[1], size.columns>[column];
                    body(to,
                         std::array{pixel(r.lower, c.lower), pixel(r.lower, c.upper), pixel(r.upper, c.lower),
                                    pixel(r.upper, c.upper)},
                         std::array{V(T((1 - r.share) * (1 - c.share))), V(T((1 - r.share) * c.share)),
                                    V(T(r.share * (1 - c.share))), V(T(r.share * c.share))});
                } else {
                    body(to, std::array{pixel(row / size.rows, column / size.columns)}, std::array{V(scalar_t<V>(1))});
                }
            }
        }
    }
};

/// Makes images larger (Keras: `UpSampling2D`, channels last).
///
/// Shapes: rows x columns x channels to (rows * size) x (columns * size) x channels. Options, in any order: Size<2>,
/// Nearest or Bilinear.
template <class... Options> struct UpSampling2D {
    static_assert(up_sampling_options<Options...>::known,
                  "UpSampling2D: unknown option; it takes Size, Nearest and Bilinear");

    static constexpr std::string_view class_name = "UpSampling2D";

    template <class In> struct on : up_sampling_stage<In, 2, up_sampling_options<Options...>> {};
};

/// Repeats each step (Keras: `UpSampling1D`).
///
/// Shapes: steps x channels to (steps * size) x channels. Option: Size<2>.
template <class... Options> struct UpSampling1D {
    static_assert(up_sampling_options<Options...>::known, "UpSampling1D: unknown option; it takes Size");

    static constexpr std::string_view class_name = "UpSampling1D";

    template <class In> struct on : up_sampling_stage<In, 1, up_sampling_options<Options...>> {};
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Bilinear;
using authoring::Nearest;
using authoring::Size;
using authoring::UpSampling1D;
using authoring::UpSampling2D;
}  // namespace strata
