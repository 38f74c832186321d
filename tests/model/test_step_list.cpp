#include "strata/model/step_list.hpp"

#include "model/small_networks.hpp"
#include "strata/layers/activation.hpp"
#include "strata/layers/composites.hpp"
#include "strata/layers/conv2d.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/pooling2d.hpp"
#include "strata/layers/reshape.hpp"
#include "strata/model/network.hpp"
#include "support/catch.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

using namespace strata::authoring;
using test::Mixed;
using test::net;

namespace {

static_assert(Mixed::depth == 7);
static_assert(std::is_same_v<Mixed::output, shape<6>>);
static_assert(std::is_same_v<Mixed::shape_at<0>, shape<4, 4, 2>> && std::is_same_v<Mixed::shape_at<1>, shape<32>> &&
              std::is_same_v<Mixed::shape_at<4>, shape<3, 3>>);
static_assert(Mixed::layer_of<1> == 1 && Mixed::layer_of<2> == 1 && Mixed::layer_of<3> == 2);
static_assert(Mixed::sizes == std::array<std::size_t, 8>{32, 32, 9, 9, 9, 9, 6, 6} && Mixed::widest == 32);
static_assert(Mixed::parameter_count == 32 * 9 + 9 + 3 * 2 + 2);
static_assert(Mixed::parameter_offset<1> == 0 && Mixed::parameter_offset<5> == 32 * 9 + 9);
static_assert(!Mixed::ends_with_activation);

static_assert(net<Flatten, Dense<3, Softmax>>::ends_with == last_activation::softmax);
static_assert(net<Flatten, Dense<3>, Softmax>::ends_with == last_activation::softmax);
static_assert(!net<Flatten, Dense<3, Softmax>, Reshape<3, 1>>::ends_with_activation);

// What needs no cells takes none: two reshapes change no size of a workspace.
static_assert(net<Flatten, Dense<3>>::training_cells<double> ==
              net<Flatten, Reshape<8, 4>, Flatten, Dense<3>>::training_cells<double>);
static_assert(net<Flatten, Dense<3>>::training_cells<double> == 32 + 3 + (32 + 3),
              "backward keeps the operands of the kernel's gradient in its scratch");
static_assert(net<Flatten, Dense<3>>::inference_cells<double> == 32 + 3);
static_assert(net<Flatten, Dense<3>>::training_cells<double, true> == 32 + 3 + (32 + 3) + 32);
static_assert(net<Flatten>::parameter_count == 0);

/// A layer that asks for cells, and has a state.
struct Greedy {
    static constexpr std::string_view class_name = "Greedy";
    template <class In> struct on {
        using output = In;
        static constexpr std::array parameters{parameter{"gain", {In::size}, Ones::draw}};
        static constexpr std::array state{parameter{"mean", {3}, Zeros::draw}, parameter{"count", {}, Zeros::draw}};
        template <class V> static constexpr stage_needs needs{.scratch = In::size + lanes<V>, .backward_scratch = 2};

        template <class V> static void forward(forward_context<V>) {}
        template <bool, class V> static void backward(backward_context<V>) {}
    };
};

// One stage's scratch at a time.
static_assert(net<Flatten, Greedy>::inference_cells<double> == 32 + 32 + (32 + 1));
static_assert(net<Flatten, Greedy, Dense<1>, Dense<1>, Greedy>::inference_cells<double> == 32 + 32 + (32 + 1));
static_assert(Mixed::template backward_scratch_cells<0, double> == 0);
static_assert(net<Greedy>::backward_scratch_cells<0, pack<float>> == 32 + lanes<pack<float>>);

// Trained values come first, then all others: state, and what is frozen.
using Frosty = network<shape<5>, Frozen<Dense<4>>, Greedy, Dense<2>, Frozen<Greedy>>;
static_assert(Frosty::parameter_count == 4 + 10 && Frosty::state_count == 24 + 4 + (2 + 4));
static_assert(Frosty::value_count == Frosty::parameter_count + Frosty::state_count);
static_assert(Frosty::parameter_offset<1> == 0 && Frosty::parameter_offset<2> == 4);
static_assert(Frosty::parameter_offset<0> == 14 && Frosty::state_offset<1> == 14 + 24);
static_assert(Frosty::parameter_offset<3> == 14 + 28 && Frosty::state_offset<3> == 14 + 28 + 2);
static_assert(!Frosty::is_trained<0> && Frosty::is_trained<1> && Frosty::is_trained<2> && !Frosty::is_trained<3>);
static_assert(Frosty::ignored_gradient_cells<0, double> == 0, "a frozen Dense computes no gradient");
static_assert(Frosty::ignored_gradient_cells<3, double> == 2);

// A frozen layer keeps no operands.
using V = pack<float>;
using joint = network<shape<400>, Frozen<Dense<400>>, Dense<120, Tanh>, Dense<84>>;
static_assert(joint::operand_offsets<V>[1] == 0);
static_assert(lanes<V> == 1 || joint::operand_offsets<V>[2] >= 400 + 120);

}  // namespace

TEST_CASE("step_list: every value of a layer has its place, trained or not") {
    std::vector<std::tuple<std::size_t, std::string, std::size_t, bool>> found;
    Frosty::for_each_value([&](std::size_t layer, const parameter& p, std::size_t offset, bool trained) {
        found.emplace_back(layer, p.name, offset, trained);
    });
    CHECK(found == std::vector<std::tuple<std::size_t, std::string, std::size_t, bool>>{{0, "kernel", 14, false},
                                                                                        {0, "bias", 34, false},
                                                                                        {1, "gain", 0, true},
                                                                                        {1, "mean", 38, false},
                                                                                        {1, "count", 41, false},
                                                                                        {2, "kernel", 4, true},
                                                                                        {2, "bias", 12, true},
                                                                                        {3, "gain", 42, false},
                                                                                        {3, "mean", 44, false},
                                                                                        {3, "count", 47, false}});
}

TEST_CASE("samples are predicted together where parameters outweigh cells and a layer wants it") {
    CHECK(net<Flatten, Dense<600>>::samples_at_once<V> == kernels::rows_worth_joining);
    CHECK(net<MaxPooling2D<>, Flatten, Dense<1>>::samples_at_once<V> == 1);
    CHECK(net<Conv2D<600>>::samples_at_once<V> == 1);
}
