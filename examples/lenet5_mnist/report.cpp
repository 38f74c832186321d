#include "report.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <strata/core/errors.hpp>
#include <strata/core/text.hpp>
#include <strata/system/terminal.hpp>
#include <string>
#include <vector>

namespace lenet5 {

void require_images(std::size_t train, std::size_t test) {
    if (train < 12 || test < 1) {
        strata::authoring::raise<strata::value_error>(
            {"at least 12 images to train with are needed, the first twelfth of which validate, and one to test with; "
             "there are ",
             train, " and ", test, " (give a folder with more: --data)"});
    }
}

void print_data(std::size_t train, std::size_t validation, std::size_t test, bool holdout) {
    const auto count = [](std::size_t n) { return strata::authoring::thousands_text(n); };
    const std::string text = "MNIST: " + count(train) + " training images, " + count(test) + " test images.\n" +
                             "Validation: the first " + count(validation) + " training images, " +
                             (holdout ? "which are left out of the training.\n\n"
                                      : "which are trained with too, as in the tutorial\n"
                                        "(--holdout leaves them out).\n\n");
    std::fputs(text.c_str(), stdout);
}

void require_printed() {
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
        throw strata::file_error("the output could not be written (is the disk full?)");
    }
}

report::report(const strata::mnist::split& test, const strata::Tensor<float, 2>& probabilities) : test_{&test} {
    for (std::size_t i = 0; i < test.labels.size(); ++i) {
        const float* row = probabilities.data() + i * digits;
        const auto digit = static_cast<std::size_t>(std::max_element(row, row + digits) - row);
        const prediction made{i, digit, test.labels(i), static_cast<double>(row[digit])};
        ++confusion_[made.truth][made.digit];
        (made.digit == made.truth ? right_ : wrong_).push_back(made);
    }
}

void report::print_result(double loss, double accuracy) const {
    const auto pair = [](double l, double a) {
        return '[' + strata::authoring::fixed_text(l, 5) + ", " + strata::authoring::fixed_text(a, 4) + ']';
    };
    const std::string text = "\nTest loss and accuracy:  " + pair(loss, accuracy) + ", " +
                             strata::authoring::thousands_text(right_.size()) + " of " +
                             strata::authoring::thousands_text(test_->labels.size()) + " images right\n" +
                             "The tutorial's result:   [0.0459,  0.9859]\n";
    std::fputs(text.c_str(), stdout);
}

void report::print_images() const {
    const std::size_t of_each = 3;
    const auto count = [of_each](const std::vector<prediction>& all) {
        return static_cast<std::ptrdiff_t>(std::min(all.size(), of_each));
    };
    std::vector<prediction> shown(right_.begin(), right_.begin() + count(right_));
    std::vector<prediction> worst = wrong_;
    std::stable_sort(worst.begin(), worst.end(),
                     [](const prediction& a, const prediction& b) { return a.probability > b.probability; });
    shown.insert(shown.end(), worst.begin(), worst.begin() + count(worst));

    std::vector<terminal_pictures::picture> pictures;
    for (const prediction& made : shown) pictures.push_back(picture_of(made));
    // 80 columns hold three images: a row of right ones above a row of wrong ones.
    const std::size_t columns = strata::authoring::terminal_columns(stdout);
    const std::string drawn = terminal_pictures::draw_images(pictures, terminal_pictures::colours_of(stdout),
                                                             columns == 0 ? 80 : std::min<std::size_t>(columns, 80));
    std::fputs("\nThe first test images that are right, and the most confident mistakes:\n\n", stdout);
    std::fputs(drawn.c_str(), stdout);
}

void report::print_confusion_matrix() const {
    const bool styled = terminal_pictures::colours_of(stdout) != terminal_pictures::colours::none;
    const std::string table = terminal_pictures::confusion_matrix_text(confusion_, styled);
    std::fputs("\nWhich digit was taken for which:\n\n", stdout);
    std::fputs(table.c_str(), stdout);
}

terminal_pictures::picture report::picture_of(const prediction& made) const {
    constexpr std::size_t pixels = 28 * 28;
    const bool right = made.digit == made.truth;
    const std::string caption = std::to_string(made.digit) + (right ? " ✓ " : " ✗ ") +
                                strata::authoring::fixed_text(100 * made.probability, 1) + '%' +
                                (right ? "" : ", is " + std::to_string(made.truth));
    return {std::span<const std::uint8_t>(test_->images.data() + made.image * pixels, pixels), caption, right};
}

}  // namespace lenet5
