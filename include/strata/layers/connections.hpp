#pragma once

#include "strata/kernels/conv2d/connected.hpp"
#include "strata/layers/convolution_stage.hpp"

#include <array>
#include <cstddef>
#include <iterator>

/// Convolutions whose filters see only some of the channels.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// Each filter sees the channels that a table says: Table[channel][filter] is true where there is a connection. The
/// table is a constexpr array of arrays of bool, such as lenet5_connections; in a namespace or static, since an option
/// names it. Of each tap of the kernel, only the weights of connections exist.
template <const auto& Table> struct Connections {
    using option = option::connections;

    static constexpr std::size_t channels = std::size(Table), filters = std::size(Table[0]);

    static constexpr std::size_t filters_of(std::size_t channel) {
        std::size_t sum = 0;
        for (std::size_t filter = 0; filter < filters; ++filter) sum += Table[channel][filter] ? 1 : 0;
        return sum;
    }
    static constexpr std::size_t channels_of(std::size_t filter) {
        std::size_t sum = 0;
        for (std::size_t channel = 0; channel < channels; ++channel) sum += Table[channel][filter] ? 1 : 0;
        return sum;
    }
    static constexpr bool each_filter_sees_something() {
        for (std::size_t filter = 0; filter < filters; ++filter) {
            if (channels_of(filter) == 0) return false;
        }
        return true;
    }
    static constexpr std::size_t count() {
        std::size_t sum = 0;
        for (std::size_t filter = 0; filter < filters; ++filter) sum += channels_of(filter);
        return sum;
    }

    /// channel * filters + filter of each connection, in this order.
    static constexpr auto pairs = [] {
        std::array<std::size_t, count()> found{};
        std::size_t next = 0;
        for (std::size_t pair = 0; pair < channels * filters; ++pair) {
            if (Table[pair / filters][pair % filters]) found[next++] = pair;
        }
        return found;
    }();
};

/// Which of the six maps of S2 each of the sixteen maps of C3 sees in LeNet-5: table I of LeCun, Bottou, Bengio,
/// Haffner 1998.
inline constexpr auto lenet5_connections = [] {
    constexpr bool x = true, o = false;
    return std::array<std::array<bool, 16>, 6>{{{x, o, o, o, x, x, x, o, o, x, x, x, x, o, x, x},
                                                {x, x, o, o, o, x, x, x, o, o, x, x, x, x, o, x},
                                                {x, x, x, o, o, o, x, x, x, o, o, x, o, x, x, x},
                                                {o, x, x, x, o, o, x, x, x, x, o, o, x, o, x, x},
                                                {o, o, x, x, x, o, o, x, x, x, x, o, x, x, o, x},
                                                {o, o, o, x, x, x, o, o, x, x, x, x, o, x, x, x}}};
}();

/// What Conv1D and Conv2D compute with the option Connections, for convolution_stage.
template <class In, std::size_t Axes, std::size_t Filters, class Options>
struct connected_plan : convolution_windows<In, Axes, Options> {
    using base = convolution_windows<In, Axes, Options>;
    using connections = typename Options::template get<option::connections>;
    static_assert(Options::template get<option::groups>::value == 1,
                  "convolution: Connections and Groups cannot be combined; a table of Connections can say the groups");
    static_assert(!base::has_axes || (connections::channels == base::input[2] && connections::filters == Filters),
                  "convolution: the table of Connections must have a row for each channel of the input, and in it a "
                  "value for each filter");
    static_assert(connections::each_filter_sees_something(),
                  "convolution: the table of Connections must connect each filter with at least one channel");

    using output = output_shape<Axes, base::extents.rows, base::extents.columns, Filters>;
    static constexpr kernels::conv2d_geometry geometry = base::geometry_of(Filters, 1);

private:
    static constexpr double taps = double(base::window.rows * base::window.columns);

    /// Each filter has inputs of its own.
    static constexpr fans fans_of_weight(std::size_t index) {
        const std::size_t pair = connections::pairs[index % connections::pairs.size()];
        return {taps * double(connections::channels_of(pair % Filters)),
                taps * double(connections::filters_of(pair / Filters))};
    }
    static constexpr fans fans_of_bias(std::size_t filter) {
        return {double(Filters), double(Filters), taps * double(connections::channels_of(filter))};
    }

    /// Draws each value of a parameter with its own fans. An initializer that fills whole tensors has no need of them.
    template <class Kind, fans (*FansOf)(std::size_t)> static void start(const initial_values& tensor) {
        constexpr initializer chosen = Options::template get<Kind>::start;
        if (chosen.fill != nullptr) return chosen.fill(tensor);
        for (std::size_t i = 0; i < tensor.values.size(); ++i) tensor.values[i] = chosen.draw(tensor.random, FansOf(i));
    }

    static constexpr parameter kernel() {
        constexpr std::size_t count = connections::pairs.size();
        constexpr parameter_rules rules = rules_of<Options, option::kernel_initializer>;
        return Axes == 1 ? parameter{"kernel", {base::window.columns, count}, rules}
                         : parameter{"kernel", {base::window.rows, base::window.columns, count}, rules};
    }

public:
    static constexpr auto parameters = [] {
        auto list = with_bias<Options, Filters>(kernel());
        list[0].start = start<option::kernel_initializer, fans_of_weight>;
        if constexpr (base::use_bias) list[1].start = start<option::bias_initializer, fans_of_bias>;
        return list;
    }();

    template <class V> using passes = kernels::connected_conv2d<geometry, connections, V>;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Connections;
using authoring::lenet5_connections;
}  // namespace strata
