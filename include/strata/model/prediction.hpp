#pragma once

#include "strata/core/samples.hpp"
#include "strata/model/input.hpp"
#include "strata/model/network_pass.hpp"
#include "strata/model/one_sample_pass.hpp"
#include "strata/system/parallel.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Predictions of a network with V as its cells: which rows go together, and on which thread.
template <class Network, class V> class prediction {
    using T = scalar_t<V>;
    using input = typename Network::input;
    using output = typename Network::output;
    using pass = network_pass<Network, V>;

    /// Up to this many rows the lanes run over the cells of one row, above it over rows.
    static constexpr std::size_t one_sample_rows = 3;

    /// How many packs of rows run through the network together.
    static constexpr std::size_t packs_at_once = Network::template samples_at_once<V>;

public:
    /// Bytes that each thread needs.
    static constexpr std::size_t workspace = Network::template inference_cells<V, packs_at_once> * sizeof(V);

    /// Writes the outputs of all rows of x, one after the other. `values` is the arena. Once a thread has predicted, it
    /// allocates nothing.
    static void run(const array_ref& x, const T* values, T* result) {
        if (x.samples() <= one_sample_rows)
            run_rows(x, values, result);
        else
            run_packs(x, values, result);
    }

private:
    /// In full precision: so few rows gain nothing from less.
    static void run_rows(const array_ref& x, const T* values, T* result) {
        using one = one_sample_pass<typename Network::written, pack<T>>;
        static thread_local aligned_vector<T> cells(one::cells);
        const T scale = static_cast<T>(scale_of_input<Network, V>(x));
        for (std::size_t row = 0; row < x.samples(); ++row, result += output::size) {
            load_samples<T>(x, input::size, {&row, 1}, scale, cells.data());
            std::copy_n(one::run(cells.data(), values), output::size, result);
        }
    }

    static void run_packs(const array_ref& x, const T* values, T* result) {
        constexpr std::size_t packs_worth_a_thread = 4;
        const std::size_t packs = packs_for<V>(x.samples());
        const T scale = static_cast<T>(scale_of_input<Network, V>(x));
        parallel(std::min(threads(), packs / packs_worth_a_thread), [&](const team& all, std::size_t thread) {
            static thread_local aligned_vector<V> cells(workspace / sizeof(V));
            const auto mine = all.share(thread, packs);
            std::size_t i = mine.begin;
            for (; i + packs_at_once <= mine.end; i += packs_at_once) {
                run_together<packs_at_once>(x, scale, i, cells.data(), values, result);
            }
            if constexpr (packs_at_once > 1) {
                for (; i < mine.end; ++i) run_together<1>(x, scale, i, cells.data(), values, result);
            }
        });
    }

    template <std::size_t Packs>
    static void run_together(const array_ref& x, T scale, std::size_t first_pack, V* cells, const T* values,
                             T* result) {
        std::array<std::size_t, Packs * lanes<V>> rows;
        const std::size_t first = first_pack * lanes<V>, last = std::min(first + rows.size(), x.samples());
        std::iota(rows.begin(), rows.end(), first);
        for (std::size_t p = 0; p < Packs; ++p) {
            const std::size_t begin = p * lanes<V>, count = std::min(lanes<V>, last - first - begin);
            load_samples(x, input::size, {rows.data() + begin, count}, scale, cells + p * input::size);
        }
        const T* outputs = as_lanes(pass::template predict<Packs>(cells, values));
        for (std::size_t row = first; row < last; ++row) {
            const std::size_t p = (row - first) / lanes<V>, n = (row - first) % lanes<V>;
            for (std::size_t c = 0; c < output::size; ++c) {
                result[row * output::size + c] = outputs[(p * output::size + c) * lanes<V> + n];
            }
        }
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
