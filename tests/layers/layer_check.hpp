#pragma once

#include "strata/model/gradient_check.hpp"
#include "support/catch.hpp"

/// What the tests of most layers ask.
namespace strata::authoring::test {

/// A layer's stage behind an input, and what that yields.
template <class In, class Layer> using stage_on = typename Layer::template on<typename In::output>;
template <class In, class Layer> using output_of = typename stage_on<In, Layer>::output;

/// The gradients of a network are those that differences of its outputs say.
template <class In, class... Layers> void check_gradients() {
    const gradient_report report = gradient_check<In, Layers...>();
    INFO(report.problem);
    CHECK(report.passed());
}

}  // namespace strata::authoring::test
