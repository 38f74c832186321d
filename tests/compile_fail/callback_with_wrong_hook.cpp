// expect: on_epoch_end: a callback has this hook, but it cannot be called with the arguments that it gets
#include "strata/strata.hpp"

using namespace strata;

struct Watcher {
    void on_train_end() {}
#ifdef WRONG
    void on_epoch_end(auto& fit, std::size_t) { fit.stop_training = true; }
#else
    void on_epoch_end(auto& fit, std::size_t, Logs&) { fit.stop_training = true; }
#endif
};

void train(const Tensor<float, 2>& x, const Tensor<float, 2>& y) {
    Sequential<Input<2>, Dense<1>> model;
    compile(model, SGD{}, MeanSquaredError{}).fit(x, y, {}, Watcher{});
}
