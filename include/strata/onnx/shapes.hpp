#pragma once

#include "strata/layers/cropping.hpp"
#include "strata/layers/embedding.hpp"
#include "strata/layers/recurrent/time_distributed.hpp"
#include "strata/layers/repeat_vector.hpp"
#include "strata/layers/reshape.hpp"
#include "strata/layers/up_sampling.hpp"
#include "strata/layers/zero_padding.hpp"
#include "strata/onnx/step.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// Layers that move values, as operators of ONNX.
namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

using onnx_integers = std::vector<std::int64_t>;

/// Whole numbers as ONNX has them, behind some others.
template <class Numbers> onnx_integers onnx_behind(onnx_integers all, const Numbers& numbers) {
    for (const std::size_t number : numbers) all.push_back(static_cast<std::int64_t>(number));
    return all;
}

STRATA_OUT_OF_LINE inline onnx_value onnx_flatten(onnx_step& to) {
    if (to.extents().size() == 1) return to.input();
    return {to.node("Flatten", {to.channels_last()}, onnx_attributes().integer("axis", 1))};
}

/// The first row or step axis of a value.
inline std::int64_t onnx_first_axis(const onnx_value& x) { return x.channels_first ? 2 : 1; }

/// Puts zeros around an image of so many axes; `sides` are above, below, left, right.
STRATA_OUT_OF_LINE inline onnx_value onnx_zero_padding(onnx_step& to, const std::array<std::size_t, 4>& sides) {
    const onnx_value x = to.input();
    const std::size_t axes = to.extents().size() - 1, rank = axes + 2;
    onnx_integers pads(2 * rank);
    for (std::size_t side = axes == 1 ? 2 : 0; side < 4; ++side) {
        const std::size_t axis = side / 2 - (axes == 1 ? 1 : 0) + static_cast<std::size_t>(onnx_first_axis(x));
        pads[axis + (side % 2) * rank] = static_cast<std::int64_t>(sides[side]);
    }
    return {to.node("Pad", {x.name, to.integers("pads", pads)}), x.channels_first};
}

/// Leaves out what is around a part of an image.
STRATA_OUT_OF_LINE inline onnx_value onnx_cropping(onnx_step& to, const std::array<std::size_t, 4>& sides) {
    const onnx_value x = to.input();
    const std::size_t axes = to.extents().size() - 1;
    onnx_integers begin, end, along;
    for (std::size_t axis = 0; axis < axes; ++axis) {
        const std::size_t side = 2 * (axis + 2 - axes);
        begin.push_back(static_cast<std::int64_t>(sides[side]));
        end.push_back(static_cast<std::int64_t>(to.extents()[axis] - sides[side + 1]));
        along.push_back(onnx_first_axis(x) + static_cast<std::int64_t>(axis));
    }
    return {to.sliced(x.name, begin, end, along), x.channels_first};
}

STRATA_OUT_OF_LINE inline onnx_value onnx_up_sampling(onnx_step& to, extent2d size, bool bilinear) {
    onnx_weight scales{"scales", {to.extents().size() + 1}, {1, 1}};
    if (to.extents().size() == 3) scales.values.push_back(static_cast<float>(size.rows));
    scales.values.push_back(static_cast<float>(size.columns));
    onnx_attributes attributes;
    attributes.text("mode", bilinear ? "linear" : "nearest")
        .text("coordinate_transformation_mode", bilinear ? "half_pixel" : "asymmetric");
    if (!bilinear) attributes.text("nearest_mode", "floor");
    return {to.node("Resize", {to.channels_first(), "", to.constant(scales)}, attributes), true};
}

STRATA_OUT_OF_LINE inline onnx_value onnx_repeated(onnx_step& to, std::size_t count) {
    const std::string row = to.node("Unsqueeze", {to.channels_last(), to.integers("axes", {1})});
    return {to.node("Tile", {row, to.integers("repeats", {1, static_cast<std::int64_t>(count), 1})})};
}

STRATA_OUT_OF_LINE inline onnx_value onnx_embedding(onnx_step& to) {
    constexpr std::int64_t int64 = 7;
    const std::string indices = to.node("Cast", {to.channels_last()}, onnx_attributes().integer("to", int64));
    return {to.node("Gather", {to.constant(to.weight("embeddings")), indices})};
}

}  // namespace detail

template <> struct onnx_form<Flatten> {
    template <class Stage> static onnx_value write(onnx_step& to) { return detail::onnx_flatten(to); }
};

template <std::size_t... Extents> struct onnx_form<Reshape<Extents...>> {
    template <class Stage> static onnx_value write(onnx_step& to) {
        return {to.reshaped(to.channels_last(), {0, static_cast<std::int64_t>(Extents)...})};
    }
};

template <std::size_t... Axes> struct onnx_form<Permute<Axes...>> {
    template <class Stage> static onnx_value write(onnx_step& to) {
        return {to.transposed(to.channels_last(), {0, Axes...})};
    }
};

template <std::size_t Count> struct onnx_form<RepeatVector<Count>> {
    template <class Stage> static onnx_value write(onnx_step& to) { return detail::onnx_repeated(to, Count); }
};

template <std::size_t... Counts> struct onnx_form<ZeroPadding1D<Counts...>> {
    template <class Stage> static onnx_value write(onnx_step& to) {
        return detail::onnx_zero_padding(to, around_steps<1, Counts...>::sides);
    }
};
template <std::size_t... Counts> struct onnx_form<ZeroPadding2D<Counts...>> {
    template <class Stage> static onnx_value write(onnx_step& to) {
        return detail::onnx_zero_padding(to, around_image<1, Counts...>::sides);
    }
};
template <std::size_t... Counts> struct onnx_form<Cropping1D<Counts...>> {
    template <class Stage> static onnx_value write(onnx_step& to) {
        return detail::onnx_cropping(to, around_steps<1, Counts...>::sides);
    }
};
template <std::size_t... Counts> struct onnx_form<Cropping2D<Counts...>> {
    template <class Stage> static onnx_value write(onnx_step& to) {
        return detail::onnx_cropping(to, around_image<0, Counts...>::sides);
    }
};

template <class... Options> struct onnx_form<UpSampling1D<Options...>> {
    template <class Stage> static onnx_value write(onnx_step& to) {
        return detail::onnx_up_sampling(to, Stage::size, false);
    }
};
template <class... Options> struct onnx_form<UpSampling2D<Options...>> {
    template <class Stage> static onnx_value write(onnx_step& to) {
        return detail::onnx_up_sampling(to, Stage::size, up_sampling_options<Options...>::template has<Bilinear>);
    }
};

/// The indices come as floats, as all inputs do, and are made whole numbers. One with MaskZero makes a mask.
template <std::size_t Count, std::size_t Units, class... Options>
    requires(!Embedding<Count, Units, Options...>::mask_zero)
struct onnx_form<Embedding<Count, Units, Options...>> {
    template <class Stage> static onnx_value write(onnx_step& to) { return detail::onnx_embedding(to); }
};

/// All steps of all samples are samples of the layer.
template <class Layer>
    requires has_onnx_form<Layer>
struct onnx_form<TimeDistributed<Layer>> {
    template <class Stage> static onnx_value write(onnx_step& to) {
        using inner = typename Stage::inner;
        const auto& step = Stage::step::extents;
        onnx_activation steps{{step.begin(), step.end()}};
        steps.last = to.reshaped(to.channels_last(), detail::onnx_behind({-1}, step));
        onnx_step repeated = to.reading(steps);
        onnx_activation results{{inner::output::extents.begin(), inner::output::extents.end()}};
        const onnx_value result = onnx_form<Layer>::template write<inner>(repeated);
        (result.channels_first ? results.first : results.last) = result.name;
        onnx_step after = to.reading(results);
        return {to.reshaped(after.channels_last(), detail::onnx_behind({-1}, Stage::output::extents))};
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
