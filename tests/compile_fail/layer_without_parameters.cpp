// expect: Sequential: the template `on` of a layer needs `output`, a shape, and `parameters`, an array of parameter
#include "strata/strata.hpp"

using namespace strata;

struct Copy {
    static constexpr std::string_view class_name = "Copy";

    template <class In> struct on {
        using output = In;
#ifndef WRONG
        static constexpr auto parameters = no_parameters;
#endif

        template <class V> static void forward(const V* x, const scalar_t<V>*, V* y) { std::copy_n(x, In::size, y); }

        template <bool InputGradient, class V>
        static void backward(const V*, const V*, V* dy, const scalar_t<V>*, scalar_t<V>*, V* dx) {
            if constexpr (InputGradient) std::copy_n(dy, In::size, dx);
        }
    };
};

Sequential<Input<4>, Copy> model;
