#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/tensor.hpp"
#include "strata/data/permutation.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// How `train_test_split` divides samples.
struct split_options {
    /// The share of the samples to test with, rounded up to whole samples; a whole number from 2 on is their number.
    double test_size = 0.25;
    std::uint64_t seed = 0;  ///< of the shuffling
    bool shuffle = true;     ///< in an order that the seed fixes; otherwise the last samples are to test with
    bool stratify = false;   ///< each class of y has its share of both parts
};

/// What `train_test_split` returns, in scikit-learn's order.
template <class X, class Y> struct split_parts {
    X x_train, x_test;
    Y y_train, y_test;
};

namespace detail {

/// The numbers of the samples of both parts.
struct split_rows {
    std::vector<std::uint32_t> train, test;
};

/// How many samples of each class are to train with: their shares of `train`, rounded so that they add up to it, those
/// with the largest remainders upwards (the first of equal ones; scikit-learn draws one).
[[nodiscard]] STRATA_OUT_OF_LINE inline std::vector<std::size_t> class_shares(const std::vector<std::size_t>& counts,
                                                                              std::size_t train, std::size_t all) {
    std::vector<std::size_t> shares, by_remainder(counts.size());
    std::vector<double> remainders;
    std::size_t left = train;
    for (const std::size_t count : counts) {
        const double share = static_cast<double>(count) / static_cast<double>(all) * static_cast<double>(train);
        shares.push_back(static_cast<std::size_t>(share));
        remainders.push_back(share - std::floor(share));
        left -= shares.back();
    }
    std::iota(by_remainder.begin(), by_remainder.end(), std::size_t{0});
    std::stable_sort(by_remainder.begin(), by_remainder.end(),
                     [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
    for (std::size_t i = 0; i < left; ++i) ++shares[by_remainder[i]];
    return shares;
}

/// Divides the samples in `order` so that each class of y has its share. Throws value_error where that is impossible.
STRATA_OUT_OF_LINE inline split_rows stratified(const std::vector<std::uint32_t>& order, std::size_t train,
                                                const array_ref& y) {
    if (y.sample_size() != 1)
        raise<shape_error>(
            {"train_test_split: stratify needs one class for each sample, y is ", shape_text(y.shape())});
    std::map<double, std::size_t> class_of;
    std::vector<double> labels(order.size());
    y.visit([&](const auto* values) { std::copy_n(values, labels.size(), labels.begin()); });
    for (const double label : labels) {
        if (std::isnan(label)) raise<value_error>({"train_test_split: y has a NaN, which is no class to stratify by"});
        class_of.try_emplace(label, 0);
    }
    std::size_t classes = 0;
    for (auto& entry : class_of) entry.second = classes++;
    std::vector<std::size_t> counts(classes);
    for (const double label : labels) ++counts[class_of[label]];
    if (*std::min_element(counts.begin(), counts.end()) < 2)
        raise<value_error>(
            {"train_test_split: a class has one sample, stratify needs two of each (merge rare classes)"});
    if (std::min(train, order.size() - train) < classes)
        raise<value_error>({"train_test_split: ", train, " samples to train and ", order.size() - train,
                            " to test with are too few for ", classes, " classes in both (change test_size)"});
    std::vector<std::size_t> left = class_shares(counts, train, order.size());
    split_rows rows;
    for (const std::uint32_t sample : order) {
        std::size_t& to_train = left[class_of[labels[sample]]];
        (to_train > 0 ? rows.train : rows.test).push_back(sample);
        if (to_train > 0) --to_train;
    }
    return rows;
}

/// Divides the samples of x and y. Throws shape_error and value_error.
STRATA_OUT_OF_LINE inline split_rows rows_of_split(const array_ref& x, const array_ref& y,
                                                   const split_options& options) {
    const std::size_t count = x.samples();
    if (count != y.samples())
        raise<shape_error>({"train_test_split: x is ", shape_text(x.shape()), " and y is ", shape_text(y.shape()),
                            "; they need the same first extent, the number of samples"});
    const double size = options.test_size;
    if (!(size > 0 && (size < 1 || (size >= 2 && size < 0x1p53 && size == std::floor(size)))))
        raise<value_error>({"train_test_split: test_size is ", exact_text(size),
                            ", it has to be a share between 0 and 1, or the number of samples, from 2 on"});
    if (options.stratify && !options.shuffle)
        raise<value_error>({"train_test_split: stratify shuffles the samples, and shuffle is false"});
    const auto test = static_cast<std::size_t>(size < 1 ? std::ceil(size * static_cast<double>(count)) : size);
    if (test >= count || count > std::numeric_limits<std::uint32_t>::max())
        raise<value_error>({"train_test_split: of ", count, " samples ", test, " would be to test with"});
    const std::size_t train = count - test;
    constexpr std::uint64_t split_streams = std::uint64_t{1} << 62;  // apart from those of the epochs of `fit`
    std::vector<std::uint32_t> order(count);
    std::iota(order.begin(), order.end(), 0u);
    if (options.shuffle) shuffle_order(order, options.seed, split_streams);
    if (options.stratify) return stratified(order, train, y);
    const auto middle = order.begin() + static_cast<std::ptrdiff_t>(train);
    return {{order.begin(), middle}, {middle, order.end()}};
}

/// The samples with these numbers.
template <class Result> Result take_rows(const array_ref& array, std::span<const std::uint32_t> rows) {
    std::vector<std::size_t> shape(array.shape().begin(), array.shape().end());
    shape[0] = rows.size();
    Result result = Result::from_shape(shape);
    array.visit([&](const auto* values) {
        if constexpr (std::is_convertible_v<decltype(values), const typename Result::value_type*>) {
            const std::size_t size = array.sample_size();
            auto to = result.data();
            for (const std::uint32_t row : rows) to = std::copy_n(values + row * size, size, to);
        }
    });
    return result;
}

}  // namespace detail

/// Divides samples into those to train and those to test with, the same samples of x and y (scikit-learn:
/// `train_test_split`): `auto [x_train, x_test, y_train, y_test] = train_test_split(x, y, {.test_size = 0.2});`
///
/// x and y are arrays with the same first extent; the parts are copies with the same type of values. The order is the
/// same on every machine. Throws shape_error, and value_error for a part without samples, or without one of each class
/// where `stratify` is set.
template <class X, class Y>
[[nodiscard]] auto train_test_split(const X& x, const Y& y, const split_options& options = {}) {
    using x_part = tensor_like<X, element_like<typename X::value_type>>;
    using y_part = tensor_like<Y, element_like<typename Y::value_type>>;
    const array_argument inputs(x), targets(y);
    const detail::split_rows rows = detail::rows_of_split(inputs, targets, options);
    return split_parts<x_part, y_part>{
        detail::take_rows<x_part>(inputs, rows.train), detail::take_rows<x_part>(inputs, rows.test),
        detail::take_rows<y_part>(targets, rows.train), detail::take_rows<y_part>(targets, rows.test)};
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::split_options;
using authoring::train_test_split;
}  // namespace strata
