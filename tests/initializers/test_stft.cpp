#include "strata/initializers/stft.hpp"

#include "support/catch.hpp"

#include <cmath>
#include <cstddef>
#include <vector>

using namespace strata::authoring;
using test::contains;

namespace {

std::vector<double> filled(initializer start, const std::vector<std::size_t>& extents) {
    std::vector<double> values(extents[0] * extents[extents.size() - 1], std::nan(""));  // all must be written
    random_stream random(0, 0);
    start({values, extents, {}, random});
    return values;
}

/// Keras rounds pi to float.
void check(const std::vector<double>& found, const std::vector<double>& expected) {
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        INFO("value " << i);
        CHECK(found[i] == Approx(expected[i]).margin(2e-7).epsilon(0));
    }
}

}  // namespace

TEST_CASE("STFTInitializer has the values of Keras 3.15.1") {
    // STFTInitializer("real", "hann", "density", False)((5, 1, 4))
    check(filled(STFTInitializer<>::fill, {5, 1, 4}), {0,
                                                       0,
                                                       0,
                                                       0,
                                                       0.408248290464,
                                                       0.204124133065,
                                                       -0.204124169565,
                                                       -0.408248290464,
                                                       0.816496580928,
                                                       -0.408248339131,
                                                       -0.408248217463,
                                                       0.816496580928,
                                                       0.408248290464,
                                                       -0.408248290464,
                                                       0.408248290464,
                                                       -0.408248290464,
                                                       0,
                                                       0,
                                                       0,
                                                       0});
    // STFTInitializer("imag", "hamming", "spectrum", True)((5, 1, 3))
    check(filled(STFTInitializer<STFTSide::imag, STFTWindow::hamming, STFTScaling::spectrum, true>::fill, {5, 1, 3}),
          {0, 0, 0, 0, -0.147352660218, 1.28819786917e-08, 0, 2.95342573495e-08, -5.9068514699e-08, 0, 0.337832524968,
           8.05722507209e-09, 0, -2.57639573834e-08, -5.15279147668e-08});
    // STFTInitializer("real", "blackman", "spectrum", False)((6, 1, 2))
    check(filled(STFTInitializer<STFTSide::real, STFTWindow::blackman, STFTScaling::spectrum>::fill, {6, 1, 2}),
          {0, 0, 0.095604830125, -0.095604830125, 0.404395169875, 0.404395169875, 0.404395169875, -0.404395169875,
           0.095604830125, 0.095604830125, 0, 0});
    // STFTInitializer("imag", None, "density", False)((3, 1, 3)): nothing is scaled
    check(filled(STFTInitializer<STFTSide::imag, STFTWindow::none>::fill, {3, 1, 3}), {0, 0, 0, 0, -1, 0, 0, 0, 0});
}

TEST_CASE("STFTInitializer refuses what is no kernel of one channel") {
    CHECK_THROWS_WITH(filled(STFTInitializer<>::fill, {5, 2, 4}),
                      contains("STFTInitializer: only the kernel of a Conv1D of one channel can start so"));
    CHECK_THROWS_AS(filled(STFTInitializer<>::fill, {5, 4}), value_error);
    CHECK_THROWS_AS(filled(STFTInitializer<>::fill, {5, 1, 1}), value_error);
}
