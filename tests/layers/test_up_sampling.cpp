#include "strata/layers/up_sampling.hpp"

#include "layers/layer_case.hpp"
#include "layers/layer_check.hpp"
#include "support/catch.hpp"

#include <type_traits>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

static_assert(std::is_same_v<output_of<Input<4, 5, 2>, UpSampling2D<>>, shape<8, 10, 2>>);
static_assert(std::is_same_v<output_of<Input<4, 5, 2>, UpSampling2D<Bilinear, Size<1, 3>>>, shape<4, 15, 2>>);
static_assert(std::is_same_v<output_of<Input<4, 2>, UpSampling1D<>>, shape<8, 2>>);
static_assert(std::is_same_v<output_of<Input<4, 2>, UpSampling1D<Size<3>>>, shape<12, 2>>);

const tested_cases up_sampling_cases{"convolution_family",
                                     {{"17_UpSampling2D", in_both<Input<3, 5, 2>, UpSampling2D<Size<2, 3>>>}}};

const char* const rounded_case = "18_UpSampling2D";
const bool is_listed = tested_names("convolution_family").insert(rounded_case).second;

}  // namespace

TEST_CASE("UpSampling2D computes what Keras computes") { up_sampling_cases.run(); }

// TensorFlow puts lines between cells in float, whatever it is given.
TEST_CASE("UpSampling2D, Bilinear, computes what Keras computes, to the precision of a float") {
    CHECK(is_listed);
    const keras_case expected = read_case("convolution_family", rounded_case);
    const case_network network = in_both<Input<3, 5, 2>, UpSampling2D<Bilinear>>();
    const std::vector<double>&x = expected.tensors.at("x").values, &y = expected.tensors.at("y").values;
    const batch_input in{.x = x, .dy = expected.tensors.at("dy").values, .values = {}};
    for (const batch_output& found : {network.run(in), network.run_float(in)}) {
        CHECK(relative_error(found.y, y) < 2e-7);
        CHECK(relative_error(found.dx, expected.tensors.at("dx").values) < 2e-7);
    }
    CHECK(relative_error(network.predict_one_by_one(x, {}), y) < 2e-7);
}

TEST_CASE("UpSampling1D and UpSampling2D: the gradients are those of the result") {
    check_gradients<Input<3, 2>, UpSampling1D<Size<3>>>();
    check_gradients<Input<3, 2, 2>, UpSampling2D<Size<3, 2>, Bilinear>>();
}

// 1 2 three times as large: the middles of the inputs are the second and the fifth output.
TEST_CASE("UpSampling2D, Bilinear: lines between the middles, an odd number of cells") {
    using layers = network<shape<1, 2, 1>, UpSampling2D<Size<1, 3>, Bilinear>>;
    const std::vector<double> y = predict_packs<layers, double>({1, 4}, {}), expected{1, 1, 2, 3, 4, 4};
    CHECK(relative_error(y, expected) < 1e-15);
}
