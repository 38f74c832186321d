/// What each augmentation takes for a 28 x 28 image, in microseconds of one core: the fastest of several runs.

#include <algorithm>
#include <chrono>
#include <cstddef>
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

template <class... Operations> void measure(const char* name, Operations... operations) {
    using clock = std::chrono::steady_clock;
    const augmentation_list<Operations...> list(std::move(operations)...);
    aligned_vector<V> start(digit::size), cells(digit::size), scratch;
    random_stream random(1, 0);
    for (std::size_t i = 0; i < digit::size * lanes<V>; ++i)
        as_lanes(start.data())[i] = static_cast<float>(random.uniform());
    std::vector<std::size_t> samples(lanes<V>);
    double fastest = std::numeric_limits<double>::infinity();
    for (std::size_t run = 0; run < 20; ++run) {
        constexpr std::size_t packs = 100;
        const auto begin = clock::now();
        for (std::size_t p = 0; p < packs; ++p) {
            std::iota(samples.begin(), samples.end(), p * lanes<V>);
            std::copy(start.begin(), start.end(), cells.begin());
            list.template apply<digit>(cells.data(), scratch, {1, run, samples});
        }
        const std::chrono::duration<double, std::micro> time = clock::now() - begin;
        fastest = std::min(fastest, time.count() / (packs * lanes<V>));
    }
    std::printf("%-30s %6.2f\n", name, fastest);
}

}  // namespace

int main() {
    const RandomTranslation translation{0.1, 0.1};
    const RandomRotation rotation{0.04};
    const RandomZoom zoom{0.1};
    const RandomShear shear{0.1, 0.1};
    const RandomElasticTransform elastic{};
    std::printf("microseconds an image on one core, %zu lanes\n\n", lanes<V>);
    measure("nothing (a copy)");
    measure("RandomFlip", RandomFlip{});
    measure("RandomTranslation", translation);
    measure("RandomRotation", rotation);
    measure("RandomZoom", zoom);
    measure("RandomShear", shear);
    measure("RandomCrop", RandomCrop{});
    measure("RandomElasticTransform", elastic);
    measure("these but the crop, as one", RandomFlip{}, translation, rotation, zoom, shear, elastic);
    measure("RandomErasing", RandomErasing{});
    measure("RandomBrightness", RandomBrightness{0.1});
    measure("RandomContrast", RandomContrast{0.1});
    measure("RandomGaussianNoise", RandomGaussianNoise{0.1});
    measure("all but the crop", RandomFlip{}, translation, rotation, zoom, shear, elastic, RandomErasing{},
            RandomBrightness{0.1}, RandomContrast{0.1}, RandomGaussianNoise{0.1});
}
