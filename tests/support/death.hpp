#pragma once

#include <cstddef>

namespace strata::authoring::test {

/// What stands for the death of a process: the step that it dies in is lost.
struct death {};

/// A callback that dies at the beginning of a step.
struct DieAt {
    std::size_t steps;
    void on_train_batch_begin(std::size_t) {
        if (steps-- == 0) throw death();
    }
};

}  // namespace strata::authoring::test
