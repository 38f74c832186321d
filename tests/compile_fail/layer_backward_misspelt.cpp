// expect: Sequential: the stage of a layer needs `template <bool InputGradient, class V> static void backward(
#include "strata/strata.hpp"

using namespace strata::authoring;

#ifdef WRONG
#define NAME backwards
#else
#define NAME backward
#endif

struct Copy {
    static constexpr std::string_view class_name = "Copy";

    template <class In> struct on {
        using output = In;
        static constexpr auto parameters = no_parameters;

        template <class V> static void forward(forward_context<V> c) { std::copy_n(c.x, In::size, c.y); }

        template <bool InputGradient, class V> static void NAME(backward_context<V> c) {
            if constexpr (InputGradient) std::copy_n(c.dy, In::size, c.dx);
        }
    };
};

Sequential<Input<4>, Copy> model;
