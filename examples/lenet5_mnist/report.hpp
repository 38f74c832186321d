#pragma once

#include "../terminal_pictures.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <strata/core/tensor.hpp>
#include <strata/data/mnist.hpp>
#include <vector>

/// What lenet5_mnist prints besides Keras' own lines.
namespace lenet5 {

/// Throws value_error where there are too few images to train, validate and test with.
void require_images(std::size_t train, std::size_t test);

/// How many images there are, and which of them validate.
void print_data(std::size_t train, std::size_t validation, std::size_t test, bool holdout);

/// Throws file_error when something that was printed went nowhere, for example on a full disk.
void require_printed();

/// What the model makes of one image.
struct prediction {
    std::size_t image;
    std::size_t digit;
    std::size_t truth;
    double probability;
};

/// What the model makes of the test images.
class report {
public:
    static constexpr std::size_t digits = 10;

    /// The test images, which have to outlive the report, and the probabilities of the digits for each of them.
    report(const strata::mnist::split& test, const strata::Tensor<float, 2>& probabilities);

    /// The share of the images that are right.
    double accuracy() const {
        return static_cast<double>(right_.size()) / static_cast<double>(right_.size() + wrong_.size());
    }

    /// Those that are wrong, in their order.
    std::span<const prediction> mistakes() const { return wrong_; }

    /// Loss and accuracy beside those of the tutorial.
    void print_result(double loss, double accuracy) const;

    /// The first images that are right, and those whose wrong digit got the highest probabilities.
    void print_images() const;

    /// Which digit was taken for which, and how often.
    void print_confusion_matrix() const;

private:
    /// Captions: `7 ✓ 99.9%`, and `3 ✗ 98.1%, is 5` for a mistake.
    terminal_pictures::picture picture_of(const prediction& made) const;

    const strata::mnist::split* test_;
    std::vector<prediction> right_;
    std::vector<prediction> wrong_;
    std::array<std::array<std::size_t, digits>, digits> confusion_{};
};

}  // namespace lenet5
