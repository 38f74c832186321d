#include "strata/model/graph.hpp"

#include "strata/layers/activation.hpp"
#include "strata/layers/composites.hpp"
#include "strata/layers/conv1d.hpp"
#include "strata/layers/conv2d.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/masking.hpp"
#include "strata/layers/merging.hpp"
#include "strata/layers/normalization/batch_normalization.hpp"
#include "strata/layers/normalization/layer_normalization.hpp"
#include "strata/layers/normalization/unit_normalization.hpp"
#include "strata/layers/pooling2d.hpp"
#include "strata/layers/recurrent/simple_rnn.hpp"
#include "strata/layers/reshape.hpp"
#include "support/catch.hpp"

#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

using namespace strata::authoring;

namespace {

template <class In, class... Layers>
using graph_of = typename graph<In, 0, false, layer_list<>>::template then<Layers...>;
template <class Graph, std::size_t I> using step_at = std::tuple_element_t<I, typename Graph::steps>;
template <class Graph> constexpr std::size_t depth = std::tuple_size_v<typename Graph::steps>;

/// The activations that each step reads.
template <class Steps> std::vector<std::vector<std::size_t>> inputs_of() {
    return []<class... Step>(std::type_identity<std::tuple<Step...>>) {
        return std::vector<std::vector<std::size_t>>{{Step::inputs.begin(), Step::inputs.end()}...};
    }(std::type_identity<Steps>{});
}

using table = std::vector<std::vector<std::size_t>>;

// A hidden stage is a step of its own, but no layer.
using plain_graph = graph_of<shape<4, 4, 2>, Flatten, Dense<9, GELU>, Tanh>;
static_assert(depth<plain_graph> == 4 && plain_graph::layers::class_names.size() == 3);
static_assert(step_at<plain_graph, 1>::layer == 1 && step_at<plain_graph, 2>::layer == 1 &&
              step_at<plain_graph, 3>::layer == 2);
static_assert(std::is_same_v<plain_graph::shape_at<0>, shape<4, 4, 2>> &&
              std::is_same_v<plain_graph::shape_at<4>, shape<9>>);

// Composites are taken apart. Frozen reaches into them, and no further.
using branching =
    graph_of<shape<6>, Tanh, Frozen<Residual<Dense<6>, Shortcut<Dense<6>>>>, Concatenate<Branch<>, Branch<Dense<2>>>>;
static_assert(std::is_same_v<branching::shape_at<branching::at>, shape<8>>);
static_assert(branching::layers::class_names ==
              std::array<std::string_view, 6>{"Tanh", "Dense", "Dense", "Add", "Dense", "Concatenate"});
static_assert(!step_at<branching, 0>::frozen && step_at<branching, 1>::frozen && step_at<branching, 3>::frozen &&
              !step_at<branching, 4>::frozen && !branching::frozen);

// Windows that partition the image let a pool go back through the activation before it.
using Convolved = Conv2D<3, Tanh, Same>::on<shape<4, 4, 2>>;
template <class Pool, class Stage = Convolved>
constexpr bool fuses =
    !std::is_void_v<typename fusion_rule<Stage, typename Pool::template on<typename Stage::output>>::type>;
static_assert(fuses<AveragePooling2D<>> && fuses<MaxPooling2D<>> && fuses<GlobalAveragePooling2D<>>);
static_assert(!fuses<AveragePooling2D<Strides<1>>> && !fuses<MaxPooling2D<Pool<3>, Same>> && !fuses<Flatten>);
static_assert(!fuses<AveragePooling2D<>, Dense<3, Tanh>::on<shape<4, 4, 2>>>);

// The steps that are left keep the names of their activations.
using convolved = graph_of<shape<4, 4, 2>, Conv2D<3, Tanh, Same>, MaxPooling2D<>, Flatten, Dense<2>>;
using fused = fused_steps_of<convolved>;
static_assert(std::tuple_size_v<fused> == 3);
static_assert(std::tuple_element_t<0, fused>::output == 2 && std::tuple_element_t<0, fused>::layer == 0);
static_assert(std::tuple_element_t<1, fused>::inputs == std::array<std::size_t, 1>{2});

// But not where something else reads what lies between, nor over the edge of a Frozen.
template <class... Layers>
constexpr std::size_t fused_depth = std::tuple_size_v<fused_steps_of<graph_of<shape<4, 4, 2>, Layers...>>>;
static_assert(fused_depth<Conv2D<3, Tanh>, GlobalMaxPooling2D<>> == 1);
static_assert(fused_depth<Conv2D<3, Tanh>, Add<Branch<GlobalMaxPooling2D<>>, Branch<GlobalMaxPooling2D<>>>> == 4);
static_assert(fused_depth<Frozen<Conv2D<3, Tanh>>, GlobalMaxPooling2D<>> == 2);
static_assert(fused_depth<Frozen<Conv2D<3, Tanh>, GlobalMaxPooling2D<>>> == 1);

// An activation is a part of the BatchNormalization before it; a normalization without parameters is no activation.
static_assert(fused_depth<BatchNormalization<>, Tanh> == 1 && fused_depth<BatchNormalization<>, Softmax> == 2);
static_assert(fused_depth<BatchNormalization<>, UnitNormalization> == 2);
static_assert(fused_depth<BatchNormalization<>, LayerNormalization<NoScale, NoCenter>> == 2);

// A mask is an activation, made by a step of the layer that begins it. It goes along until a layer ends it, and into
// branches; what they come to has it if all of them have.
using rnn = SimpleRNN<2, ReturnSequences>;
using masked_graph = graph_of<shape<4, 2>, rnn, Masking<>, Dense<2, Softmax>, Residual<rnn>, Tanh, SimpleRNN<3>>;
static_assert(masked_graph::layers::class_names[1] == "Masking" && step_at<masked_graph, 1>::layer == 1);
static_assert(std::is_same_v<masked_graph::shape_at<2>, shape<4>> &&
              masked_graph::position.mask == graph_position::no_mask);
using ended = graph_of<shape<4, 2>, Masking<>, Conv1D<2, Kernel<1>>, rnn>;
using half_masked = graph_of<shape<4, 2>, Add<Branch<Masking<>>, Branch<Tanh>>, rnn>;
using two_masks = graph_of<shape<4, 2>, Add<Branch<Masking<>>, Branch<Masking<MaskValue<1>>>>, rnn>;

}  // namespace

TEST_CASE("graph: each step reads what the layer before it has made, and branches what the composite reads") {
    CHECK(inputs_of<plain_graph::steps>() == table{{0}, {1}, {2}, {3}});
    CHECK(inputs_of<branching::steps>() == table{{0}, {1}, {1}, {2, 3}, {4}, {4, 5}});
    using nested = graph_of<shape<6>, Residual<Dense<6>, Residual<Tanh>>, Add<Branch<>, Branch<>, Branch<Tanh, Tanh>>>;
    CHECK(inputs_of<nested::steps>() == table{{0}, {1}, {2, 1}, {3, 0}, {4}, {5}, {4, 4, 6}});
    CHECK(inputs_of<fused>() == table{{0}, {2}, {3}});
}

TEST_CASE("graph: a layer that reads masks gets the one that has come along") {
    CHECK(inputs_of<masked_graph::steps>() == table{{0}, {1}, {1, 2}, {3}, {4}, {5, 2}, {6, 5}, {7}, {8, 2}});
    CHECK(inputs_of<ended::steps>() == table{{0}, {0, 1}, {2}, {3}});
    CHECK(inputs_of<half_masked::steps>() == table{{0}, {0, 1}, {0}, {2, 3}, {4}});
    CHECK(inputs_of<two_masks::steps>() == table{{0}, {0, 1}, {0}, {0, 3}, {1, 3}, {2, 4}, {6, 5}});
}
