// expect: Sequential: the template `on` of a layer needs `output`, a shape, and `parameters`, an array of parameter
#include "strata/strata.hpp"

using namespace strata::authoring;

struct Copy {
    static constexpr std::string_view class_name = "Copy";

    template <class In> struct on {
        using output = In;
#ifndef WRONG
        static constexpr auto parameters = no_parameters;
#endif

        template <class V> static void forward(forward_context<V> c) { std::copy_n(c.x, In::size, c.y); }

        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            if constexpr (InputGradient) std::copy_n(c.dy, In::size, c.dx);
        }
    };
};

Sequential<Input<4>, Copy> model;
