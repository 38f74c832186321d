#include "strata/layers/regularization/gaussian_noise.hpp"

#include "layers/regularization/random_layer.hpp"

#include <cmath>
#include <cstddef>
#include <vector>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

static_assert(!GaussianNoise<0>::on<shape<3>>::needs.random && !GaussianDropout<0>::on<shape<3>>::needs.random);

/// The first four moments of so many numbers must be those of a normal distribution, and neighbours, samples of 50
/// cells included, must not depend on each other.
void check_moments(const std::vector<double>& values, double mean, double deviation) {
    const double count = double(values.size());
    double moments[4] = {};
    for (const double value : values) {
        const double z = (value - mean) / deviation;
        for (int k = 0; k < 4; ++k) moments[k] += std::pow(z, k + 1) / count;
    }
    const double expected[4] = {0, 1, 0, 3}, variances[4] = {1, 2, 15, 96};
    for (int k = 0; k < 4; ++k) {
        INFO("moment " << k + 1);
        CHECK(std::abs(moments[k] - expected[k]) < 4 * std::sqrt(variances[k] / count));
    }
    for (const std::size_t apart : {1, 2, 3, 4, 8, 16, 32, 50}) {
        INFO(apart << " apart");
        double covariance = 0;
        for (std::size_t i = 0; i + apart < values.size(); ++i)
            covariance += (values[i] - mean) * (values[i + apart] - mean) / (deviation * deviation) / count;
        CHECK(std::abs(covariance) < 4 / std::sqrt(count));
    }
}

}  // namespace

TEST_CASE("GaussianNoise and GaussianDropout: the gradients are those of the result") {
    check_gradient<Input<3, 5>, GaussianNoise<0.1>>();
    check_gradient<Input<3, 5>, GaussianDropout<0.3>>();
}

TEST_CASE("the noise is normal with the mean and the variance that are asked for") {
    check_moments(on_ones<network<shape<50>, GaussianNoise<0.25>>, pack<float>>(4000).y, 1, 0.25);
    check_moments(on_ones<network<shape<50>, GaussianDropout<0.2>>, pack<float>>(4000).y, 1, 0.5);
}

TEST_CASE("GaussianNoise and GaussianDropout: the numbers depend on seed, layer and sample alone") {
    check_numbers<Input<50>, GaussianNoise<1>>(1e-5);
    check_numbers<Input<50>, GaussianDropout<0.5>>(1e-5);
}

TEST_CASE("GaussianNoise and GaussianDropout pass on their input in inference") {
    const batch_input in{.x = {1, -2, 3, 4}, .dy = {5, 6, 7, 8}, .values = {}, .training = false};
    using both = network<shape<2>, GaussianNoise<1>, GaussianDropout<0.5>>;
    const batch_output out = run_batch<both, double>(in);
    CHECK(out.y == in.x);
    CHECK(out.dx == in.dy);
}
