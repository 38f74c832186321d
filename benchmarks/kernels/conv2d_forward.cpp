#include "conv2d.hpp"

#include <strata/kernels/activation/functions.hpp>

namespace {

template <class Activation> struct forward : passes::forward<Activation> {
    template <class Conv2d> static constexpr auto form = Conv2d::forward_form;
};

[[maybe_unused]] const int registered = register_conv2d<forward<strata::authoring::kernels::linear>>("forward") +
                                        register_conv2d<forward<strata::authoring::kernels::tanh>>("forward_tanh");

}  // namespace
