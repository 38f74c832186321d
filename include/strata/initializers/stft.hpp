#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/parameter.hpp"

#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Which part of the complex kernel an STFTInitializer makes.
enum class STFTSide { real, imag };

/// What an STFTInitializer multiplies a frame with: scipy.signal.windows of the same names.
enum class STFTWindow { none, hann, hamming, blackman };

/// What a window is divided by: the root of its sum of squares, its sum, or nothing.
enum class STFTScaling { none, density, spectrum };

namespace detail {

/// The values of a window; of a periodic one, the next value would be the first one again.
inline std::vector<double> stft_window(STFTWindow window, bool periodic, std::size_t length) {
    std::vector<double> values(length, 1);
    const std::size_t steps = periodic ? length : length - 1;
    if (window == STFTWindow::none || length == 1) return values;
    const double first = window == STFTWindow::hann ? 0.5 : window == STFTWindow::hamming ? 0.54 : 0.42;
    const double second = window == STFTWindow::hamming ? 0.46 : 0.5;
    for (std::size_t n = 0; n < length; ++n) {
        const double angle = 2 * std::numbers::pi * static_cast<double>(n) / static_cast<double>(steps);
        values[n] = first - second * std::cos(angle) + (1 - first - second) * std::cos(2 * angle);
    }
    return values;
}

STRATA_OUT_OF_LINE inline void fill_with_stft(const initial_values& kernel, STFTSide side, STFTWindow window,
                                              STFTScaling scaling, bool periodic) {
    if (kernel.extents.size() != 3 || kernel.extents[1] != 1 || kernel.extents[2] < 2)
        raise<value_error>(
            {"STFTInitializer: only the kernel of a Conv1D of one channel can start so, with F / 2 + 1 "
             "filters for F frequencies, 2 or more"});
    const std::size_t length = kernel.extents[0], filters = kernel.extents[2];
    const std::vector<double> frame = stft_window(window, periodic, length);
    double sum = 0;
    for (const double value : frame) sum += scaling == STFTScaling::density ? value * value : value;
    const bool scaled = window != STFTWindow::none && scaling != STFTScaling::none;
    const double divisor = !scaled ? 1 : scaling == STFTScaling::density ? std::sqrt(sum) : sum;
    for (std::size_t time = 0; time < length; ++time) {
        for (std::size_t k = 0; k < filters; ++k) {
            const double turns = static_cast<double>(time * k) / static_cast<double>(2 * (filters - 1));
            const double angle = -2 * std::numbers::pi * turns;
            const double part = side == STFTSide::real ? std::cos(angle) : std::sin(angle);
            kernel.values[time * filters + k] = part * frame[time] / divisor;
        }
    }
}

}  // namespace detail

/// The kernel of a Conv1D that makes a short-time Fourier transform of a signal of one channel (Keras:
/// `STFTInitializer`): filter k of F / 2 + 1 has cos(-2 pi t k / F), or sin of it, times a window that is scaled, at
/// time t. Settings are Keras' in its order: `STFTInitializer<STFTSide::imag, STFTWindow::hann>`. Without a window
/// nothing is scaled. Throws value_error for other parameters.
template <STFTSide Side = STFTSide::real, STFTWindow Window = STFTWindow::hann,
          STFTScaling Scaling = STFTScaling::density, bool Periodic = false>
struct STFTInitializer {
    static void fill(const initial_values& tensor) { detail::fill_with_stft(tensor, Side, Window, Scaling, Periodic); }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::STFTInitializer;
using authoring::STFTScaling;
using authoring::STFTSide;
using authoring::STFTWindow;
}  // namespace strata
