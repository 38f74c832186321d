#pragma once

#include "strata/core/context.hpp"
#include "strata/core/data_format.hpp"
#include "strata/core/shape.hpp"
#include "support/catch.hpp"
#include "support/lanes.hpp"

#include <cmath>
#include <cstddef>

/// One-sample forms against the same stage on cells of `double`.
namespace strata::authoring::test {

/// The cells of an image in the other format: `outer` is the number of pixels or of channels.
template <class T> aligned_vector<T> exchanged(const aligned_vector<T>& cells, std::size_t outer) {
    const std::size_t inner = cells.size() / outer;
    aligned_vector<T> result(cells.size());
    for (std::size_t i = 0; i < outer; ++i)
        for (std::size_t j = 0; j < inner; ++j) result[j * outer + i] = cells[i * inner + j];
    return result;
}

/// The values with as many behind them as a one-sample form may read, all of them NaN: whatever uses one shows it.
template <class V> aligned_vector<scalar_t<V>> with_nan_behind(const aligned_vector<double>& values, std::size_t more) {
    aligned_vector<scalar_t<V>> result(values.begin(), values.end());
    result.resize(values.size() + more, scalar_t<V>(NAN));
    return result;
}

/// Runs a one-sample form on an input of shape In, given and returned with its channels last.
template <class Form, data_format Format, class V, class In, class Out>
aligned_vector<double> run_form(const aligned_vector<double>& x, const aligned_vector<double>& parameters) {
    constexpr bool turned = Format == data_format::channels_first && !one_data_format<In>;
    constexpr std::size_t pixels = In::size / image_extents<In>[2];
    const auto input = with_nan_behind<V>(turned ? exchanged(x, pixels) : x, 2 * lanes<V>);
    const auto p = with_nan_behind<V>(parameters, lanes<V>);
    auto y = unwritten_cells<scalar_t<V>>(Out::size + 2 * lanes<V>);
    auto scratch = unwritten_cells<scalar_t<V>>(Form::scratch + 2 * lanes<V>);
    Form::template run<Format>(forward_context<scalar_t<V>>{
        .x = input.data(), .y = y.data(), .parameters = p.data(), .scratch = scratch.data()});
    CHECK(std::isnan(y[Out::size + lanes<V>]));  // it may write one vector more
    const aligned_vector<double> result(y.begin(), y.begin() + std::ptrdiff_t(Out::size));
    const bool turn_back = Form::output_format(Format) == data_format::channels_first && !one_data_format<Out>;
    return turn_back ? exchanged(result, image_extents<Out>[2]) : result;
}

/// Compares `Form<V>`, in each format that it reads, with what is expected. (Packs of doubles are compared with Keras,
/// in the tests of the layers.)
template <template <class> class Form, class In, class Out>
void check_form(const aligned_vector<double>& x, const aligned_vector<double>& parameters,
                const aligned_vector<double>& expected) {
    using V = pack<float>;
    using form = Form<V>;
    CHECK(relative_error(run_form<form, data_format::channels_last, V, In, Out>(x, parameters), expected) <
          rounding<V>);
    if constexpr (form::reads_channels_first) {
        INFO("channels first");
        CHECK(relative_error(run_form<form, data_format::channels_first, V, In, Out>(x, parameters), expected) <
              rounding<V>);
    }
}

}  // namespace strata::authoring::test
