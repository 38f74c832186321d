#include "conv2d.hpp"

namespace {

struct weight_gradient : passes::weight_gradient {
    template <class Conv2d> static constexpr auto form = Conv2d::weight_gradient_form;
};

[[maybe_unused]] const int registered = register_conv2d<weight_gradient>("weight_gradient");

}  // namespace
