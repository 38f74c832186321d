#include "conv2d.hpp"

namespace {

struct input_gradient : passes::input_gradient {
    template <class Conv2d> static constexpr auto form = Conv2d::input_gradient_form;
};

[[maybe_unused]] const int registered = register_conv2d<input_gradient>("input_gradient");

}  // namespace
