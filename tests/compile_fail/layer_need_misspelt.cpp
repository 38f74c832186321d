// expect: Sequential: the stage of a layer has `need` or `states`; they are called `needs` and `state`
#include "strata/strata.hpp"

using namespace strata::authoring;

struct Copy {
    static constexpr std::string_view class_name = "Copy";

    template <class In> struct on {
        using output = In;
        static constexpr auto parameters = no_parameters;
#ifdef WRONG
        static constexpr stage_needs need{.backward_reads_x = false};
#else
        static constexpr stage_needs needs{.backward_reads_x = false};
#endif

        template <class V> static void forward(forward_context<V> c) { std::copy_n(c.x, In::size, c.y); }

        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            if constexpr (InputGradient) std::copy_n(c.dy, In::size, c.dx);
        }
    };
};

Sequential<Input<4>, Copy> model;
