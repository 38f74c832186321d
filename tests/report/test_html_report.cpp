#include "strata/report/html_report.hpp"

#include "strata/callbacks/html_report.hpp"
#include "strata/core/last_activation.hpp"
#include "strata/core/shape.hpp"
#include "strata/training/callback.hpp"
#include "support/catch.hpp"
#include "support/files.hpp"
#include "support/xtensor.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace strata::authoring;

namespace {

/// What a report asks of a model: it predicts what it was given.
template <last_activation Last> struct oracle {
    using input = shape<2, 2, 1>;
    struct network {
        static constexpr last_activation ends_with = Last;
    };
    static constexpr std::size_t parameter_count = 1230, state_count = 4;
    xt::xtensor<float, 2> outputs;

    xt::xtensor<float, 2> predict(const array_ref&) const { return outputs; }
    std::vector<summary_row> summary_rows() const {
        return {{"conv2d", "Conv2D", {2, 2, 3}, 1230, {0}},
                {"conv2d_1", "Conv2D", {2, 2, 3}, 0, {1}},
                {"add", "Add", {2, 2, 3}, 0, {2, 1}}};
    }
};

History history_of_three() {
    History history;
    history.append(0, {{"loss", 1.5}, {"accuracy", 0.5}});
    history.append(1, {{"loss", NAN}, {"accuracy", 0.75}, {"val_loss", 0.25}});
    history.append(2, {{"loss", 0.5}, {"accuracy", 1.0}});
    return history;
}

/// Whether tags are closed in the order in which they were opened, and nothing stands for markup that is none.
bool is_well_formed(std::string_view html) {
    std::vector<std::string> open;
    for (std::size_t at = html.find('<'); at != std::string_view::npos; at = html.find('<', at + 1)) {
        const std::size_t end = html.find('>', at);
        if (end == std::string_view::npos) return false;
        const std::string_view tag = html.substr(at + 1, end - at - 1);
        if (tag.find('<') != std::string_view::npos || std::count(tag.begin(), tag.end(), '"') % 2 != 0) return false;
        if (tag.starts_with('!') || tag.ends_with('/')) continue;
        const std::string name(tag.substr(0, tag.find(' ')));
        if (name == "meta" || name == "br" || name == "img") continue;
        if (!name.starts_with('/'))
            open.push_back(name);
        else if (open.empty() || "/" + open.back() != name)
            return false;
        else
            open.pop_back();
    }
    return open.empty();
}

std::size_t count_of(std::string_view part, std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++count;
    return count;
}

const xt::xtensor<std::uint8_t, 4> pictures = xt::arange<int>(16).reshape({4, 2, 2, 1});
const xt::xtensor<int, 1> labels{0, 1, 2, 2};
const oracle<last_activation::softmax> classifier{
    {{0.9f, 0.1f, 0}, {0.75f, 0.25f, 0}, {0, 0.25f, 0.75f}, {0.5f, 0.375f, 0.125f}}};

template <class Model> std::string report_of(const Model& model, const html_report_options& options) {
    const test::temporary_folder folder;
    write_html_report(folder.path() / "report.html", model, history_of_three(), options);
    return test::contents(folder.path() / "report.html");
}

}  // namespace

TEST_CASE("a report has curves, the network, the confusion matrix, scores and mistakes, the worst first") {
    const std::string html =
        report_of(classifier, {.title = "R&D", .data = {pictures, labels}, .class_names = {"cat", "dog", "owl"}});
    CHECK(is_well_formed(html));
    CHECK(count_of("<title>R&amp;D</title>", html) == 1);
    CHECK(count_of("<h2>", html) == 5);

    // Of the loss, which is NaN in epoch 2, two pieces of a line, and one point of the validation.
    CHECK(count_of("<figcaption><b>", html) == 2);
    CHECK(html.find("<b>loss</b> <span class=\"train\">train 0.5</span> <span class=\"validation\">validation 0.25") !=
          std::string::npos);
    CHECK(count_of("<title>2: 0.25</title>", html) == 1);
    const std::size_t path = html.find("<path class=\"train\"", html.find("<b>loss</b>"));
    CHECK(count_of("M", html.substr(path, html.find("/>", path) - path)) == 2);

    CHECK(html.find("1,234 parameters, of which 1,230 are trained") != std::string::npos);
    CHECK(html.find("<tspan class=\"type\">Add</tspan> add</text>") != std::string::npos);
    CHECK(count_of("<path class=\"link\"", html) == 4);

    CHECK(html.find("Of 4 samples 50.00 % are predicted right.") != std::string::npos);
    CHECK(html.find("<th scope=\"row\">owl</th><td style=\"background:rgba(214,69,65,0.340)\" title=\"50.0 %\">1</td>"
                    "<td></td><td style=\"background:rgba(34,139,84,0.340)\" title=\"50.0 %\">1</td>") !=
          std::string::npos);
    CHECK(html.find("<th scope=\"row\">cat</th><td>0.333</td><td>1.000</td><td>0.500</td><td>1</td>") !=
          std::string::npos);

    CHECK(count_of("<img ", html) == 2);
    const std::size_t worst = html.find("alt=\"sample 3\"");
    REQUIRE(worst != std::string::npos);
    CHECK(worst < html.find("alt=\"sample 1\""));
    CHECK(html.find("<span class=\"wrong\">cat</span> 50.0 %<br><span class=\"right\">owl</span> 12.5 %", worst) !=
          std::string::npos);
}

TEST_CASE("names from strangers are text in a report, not markup") {
    const std::string html = report_of(
        classifier, {.data = {pictures, labels}, .class_names = {"<script>alert(1)</script>", "\"'&", "\xff\n"}});
    CHECK(is_well_formed(html));
    CHECK(html.find("<script") == std::string::npos);
    CHECK(html.find("&lt;script&gt;") != std::string::npos);
    CHECK(detail::html_escaped("a<b>&\"'\x01\xc3\xa4\xff\xc2\x85") ==
          "a&lt;b&gt;&amp;&quot;&#39;\xEF\xBF\xBD\xc3\xa4\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST_CASE("a report is of two classes behind a Sigmoid, of numbers in a regression, of the training without data") {
    const xt::xtensor<int, 1> bits{0, 1, 1, 0};
    const oracle<last_activation::sigmoid> binary{{{0.25f}, {0.75f}, {0.125f}, {0.5f}}};
    const std::string two = report_of(binary, {.data = {pictures, bits}, .class_names = {"no", "yes"}});
    CHECK(two.find("<span class=\"wrong\">no</span> 87.5 %<br><span class=\"right\">yes</span> 12.5 %") !=
          std::string::npos);
    CHECK(count_of("<img ", two) == 1);  // 0.5 is not above 0.5

    const oracle<last_activation::other> numbers{{{0.25f}, {0.75f}, {0.125f}, {0.5f}}};
    const std::string regression = report_of(numbers, {.data = {pictures, bits}});
    CHECK(is_well_formed(regression));
    CHECK(regression.find("<h2>Predictions</h2>") != std::string::npos);
    CHECK(regression.find("<title>1: 0.125</title>") != std::string::npos);
    CHECK(regression.find("Confusion") == std::string::npos);

    const std::string training = report_of(classifier, {});
    CHECK(is_well_formed(training));
    CHECK(count_of("<h2>", training) == 2);
}

TEST_CASE("outputs are probabilities or logits, targets class numbers or rows with a single 1") {
    const xt::xtensor<double, 2> logits{{0, std::log(3.0), -800}, {2000, 0, 0}}, one_hot{{0, 1, 0}, {0, 0, 1}},
        shares{{0, 0.5, 0.5}, {0, 0, 1}};
    const auto found = detail::as_classes(one_hot, logits, false);
    REQUIRE(found);
    CHECK(found->expected == std::vector<std::int64_t>{1, 2});
    CHECK(found->predicted == std::vector<std::int64_t>{1, 0});
    CHECK(found->probability[0] == Approx(0.75));
    CHECK(found->probability[1] == 1);
    CHECK(found->probability_of_right[1] == 0);
    CHECK_FALSE(detail::as_classes(shares, logits, false));
    CHECK_THROWS_WITH(detail::as_classes(xt::xtensor<int, 1>{0, 3}, logits, false),
                      "write_html_report: the target of sample 1 is 3.0, which is none of 3 classes");
    CHECK_THROWS_WITH(detail::as_classes(labels, logits, false),
                      "write_html_report: targets of shape (4,) were given for outputs of shape (2, 3)");
    CHECK_THROWS_WITH(report_of(classifier, {.data = {pictures, labels}, .class_names = {"a", "b"}}),
                      "write_html_report: 2 class_names were given for 3 classes");
}

TEST_CASE("samples become pictures: bytes as they are, numbers from 0 to 1 or from their least to their largest") {
    const auto png_of = [](const array_ref& x, std::size_t sample) {
        return detail::png_of_sample(x, sample, detail::picture_form(x));
    };
    const xt::xtensor<double, 4> numbers{{{{0.0}, {0.5}}, {{1.0}, {NAN}}}, {{{-1.0}, {0.0}}, {{1.0}, {3.0}}}};
    CHECK(png_of(numbers, 0) == png_file(2, 2, 1, {"\x00\x80\xff\x00", 4}));
    CHECK(png_of(numbers, 1) == png_file(2, 2, 1, {"\x00\x40\x80\xff", 4}));
    CHECK(png_of(pictures, 1) == png_file(2, 2, 1, "\4\5\6\7"));
    const xt::xtensor<std::uint8_t, 4> colours{{{{1, 2, 3}, {4, 5, 6}}}};
    CHECK(png_of(colours, 0) == png_file(2, 1, 3, "\1\2\3\4\5\6"));
    const xt::xtensor<std::uint8_t, 3> wide = xt::ones<int>({1, 2, 300});
    CHECK(png_of(wide, 0) == png_file(100, 1, 1, std::string(100, '\1')));
    CHECK_FALSE(detail::picture_form(labels).is_picture());
    CHECK_FALSE(detail::picture_form(xt::xtensor<float, 4>(xt::zeros<float>({1, 2, 2, 2}))).is_picture());
}

TEST_CASE("many classes have a table of their most frequent mistakes in place of a matrix") {
    oracle<last_activation::softmax> many{xt::zeros<float>({4, 41})};
    for (std::size_t n = 0; n < 4; ++n) many.outputs(n, n < 2 ? 40 : 39) = 1;
    const std::string html = report_of(many, {.data = {pictures, xt::xtensor<int, 1>{7, 7, 8, 39}}});
    CHECK(html.find("<th scope=\"row\">7</th><td>40</td><td>2</td></tr>\n<tr><th scope=\"row\">8</th><td>39</td>") !=
          std::string::npos);
}

TEST_CASE("the callback reports what its fit measured, and none before") {
    const test::temporary_folder folder;
    auto model = classifier;
    int optimizer = 0;
    fit_state<oracle<last_activation::softmax>, int> fit{model, optimizer};
    HTMLReport report{(folder.path() / "report.html").string(), {.title = "mine"}};
    for (const double loss : {0.5, 0.25}) {
        report.on_train_begin();
        report.on_epoch_end(0, Logs({{"loss", loss}}));
        report.on_train_end(fit);
    }
    CHECK(report.history["loss"] == std::vector{0.25});
    CHECK(test::contents(folder.path() / "report.html").find("train 0.25<") != std::string::npos);
}

TEST_CASE("marks of a chart's axis are round numbers within it") {
    const auto marks = [](std::vector<double> values, bool whole) { return detail::chart_axis(values, whole).marks(); };
    CHECK(marks({1, 2, 3}, true) == std::vector<double>{1, 2, 3});
    CHECK(marks({100, 103}, true) == std::vector<double>{100, 101, 102, 103});
    CHECK(marks({0.1, 0.9, NAN}, false) == std::vector{0.2, 0.4, 0.2 * 3, 0.8});
    CHECK(marks({0, 1e308, -1e308}, false).size() > 2);
    CHECK(marks({7, 7}, true) == std::vector<double>{7});
    CHECK(marks({}, false).size() > 1);
}
