/// What each augmentation takes for a 28 x 28 image, in microseconds of one core: the fastest of several runs. Then how
/// many times as long an epoch of LeNet-5 takes with them: the median over pairs of epochs in turns.

#include "lenet5.hpp"
#include "measure.hpp"
#include "samples.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <numeric>
#include <strata/data.hpp>
#include <strata/strata.hpp>
#include <utility>
#include <vector>

using namespace strata::authoring;

namespace {

using V = pack<float>;
using digit = shape<28, 28, 1>;

template <class... Operations> void measure_image(const char* name, Operations... operations) {
    const augmentation_list<Operations...> list(std::move(operations)...);
    aligned_vector<V> start(digit::size), cells(digit::size), scratch;
    random_stream random(1, 0);
    for (std::size_t i = 0; i < digit::size * lanes<V>; ++i)
        as_lanes(start.data())[i] = static_cast<float>(random.uniform());
    std::vector<std::size_t> samples(lanes<V>);
    double fastest = std::numeric_limits<double>::infinity();
    for (std::size_t run = 0; run < 20; ++run) {
        constexpr std::size_t packs = 100;
        const double seconds = measure::processor_seconds_of([&] {
            for (std::size_t p = 0; p < packs; ++p) {
                std::iota(samples.begin(), samples.end(), p * lanes<V>);
                std::copy(start.begin(), start.end(), cells.begin());
                list.template apply<digit>(cells.data(), scratch, {1, run, samples});
            }
        });
        fastest = std::min(fastest, 1e6 * seconds / (packs * lanes<V>));
    }
    std::printf("%-30s %6.2f\n", name, fastest);
}

template <class... Operations> void measure_epochs(const char* name, Operations... operations) {
    static const auto data = samples::random_split<std::uint8_t>({5'000, 28, 28, 1}, 1);
    static const auto targets = one_hot(data.labels, 10);
    static LeNet5 model;
    static auto training = compile(model, Adam{}, CategoricalCrossentropy{}, Accuracy{});
    const fit_options options{.verbose = 0};
    std::vector<double> ratios;
    for (std::size_t pair = 0; pair < 12; ++pair) {
        const double plain = measure::processor_seconds_of([&] { training.fit(data.images, targets, options); });
        const double changed = measure::processor_seconds_of(
            [&] { training.fit(augmented(data.images, operations...), targets, options); });
        if (pair > 0) ratios.push_back(changed / plain);
    }
    std::printf("%-30s %6.3f\n", name, measure::median(ratios));
    std::fflush(stdout);
}

}  // namespace

int main() {
    const RandomTranslation translation{0.1, 0.1};
    const RandomRotation rotation{0.04};
    const RandomZoom zoom{0.1};
    const RandomShear shear{0.1, 0.1};
    const RandomElasticTransform elastic{};
    std::printf("microseconds an image on one core, %zu lanes\n\n", lanes<V>);
    measure_image("nothing (a copy)");
    measure_image("RandomFlip", RandomFlip{});
    measure_image("RandomTranslation", translation);
    measure_image("RandomRotation", rotation);
    measure_image("RandomZoom", zoom);
    measure_image("RandomShear", shear);
    measure_image("RandomCrop", RandomCrop{});
    measure_image("RandomElasticTransform", elastic);
    measure_image("these but the crop, as one", RandomFlip{}, translation, rotation, zoom, shear, elastic);
    measure_image("RandomErasing", RandomErasing{});
    measure_image("RandomBrightness", RandomBrightness{0.1});
    measure_image("RandomContrast", RandomContrast{0.1});
    measure_image("RandomGaussianNoise", RandomGaussianNoise{0.1});
    measure_image("all but the crop", RandomFlip{}, translation, rotation, zoom, shear, elastic, RandomErasing{},
                  RandomBrightness{0.1}, RandomContrast{0.1}, RandomGaussianNoise{0.1});

    set_threads(1);
    std::printf("\nan epoch of LeNet-5 in batches of 32, on one thread: times one of plain images\n\n");
    measure_epochs("RandomCrop", RandomCrop{});
    measure_epochs("all but the crop", RandomFlip{}, translation, rotation, zoom, shear, elastic, RandomErasing{},
                   RandomBrightness{0.1}, RandomContrast{0.1}, RandomGaussianNoise{0.1});
    measure_epochs("MixUp", MixUp{});
    measure_epochs("CutMix", CutMix{});
    measure_epochs("RandomCrop, MixUp", RandomCrop{}, MixUp{});
}
