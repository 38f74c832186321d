// A user's program with names of its own at global scope: beside `using namespace strata;` they stay its own, whatever
// authors of layers and the engine call their types, functions and namespaces. They are class templates, or functions
// where OWN_FUNCTIONS is defined.

struct Mine {
    int number;
};

#define OWN_FUNCTION(name) \
    inline int name(Mine mine) { return mine.number; }
#define USED_FUNCTION(name) +name(Mine{1})

#ifdef OWN_FUNCTIONS
#define OWN OWN_FUNCTION
#define USED USED_FUNCTION
#else
#define OWN(name)                          \
    template <class T> struct name {       \
        static constexpr int own_size = 1; \
    };
#define USED(name) +name<Mine>::own_size
#endif

// What folders, namespaces, types, concepts, functions and constants of the library are called, or may be one day; and
// functions that the C library has, too.
// clang-format off
#define NAMES(X)                                                                                                      \
    X(layer) X(process) X(detail) X(option) X(math) X(stage) X(shape) X(network) X(tensor) X(team) X(pack) X(lanes)   \
    X(activation) X(alignment) X(apply_step) X(append_text) X(array_ref) X(as_lanes) X(avx) X(avx2) X(avx2_fma)       \
    X(avx512) X(avx512_bf16) X(axes) X(backward) X(backward_context) X(batch) X(batch_pass) X(block) X(branch)        \
    X(cell) X(cells) X(chain) X(check_settings) X(checkpoint) X(composite) X(concat) X(context) X(convert) X(core)    \
    X(coupled) X(data) X(data_format) X(data_set) X(dense) X(display_width) X(dtype) X(engine) X(entry) X(exact_text) \
    X(extent2d) X(file) X(forward) X(forward_context) X(geometry) X(gradient) X(graph) X(history)        \
    X(image) X(images) X(initializer) X(initializers) X(input) X(io) X(is_finite) X(kernel) X(kernels) X(labels)      \
    X(layer_list) X(layers) X(load) X(load_checkpoint) X(look_up) X(loss) X(losses) X(mask) X(matrix) X(memory)       \
    X(memory_plan) X(metric) X(metrics) X(model) X(multiply_add) X(name) X(named_value) X(neon) X(no_parameters)      \
    X(number) X(operand) X(optimizer) X(optimizers) X(options) X(output) X(output_file) X(parallel) X(parameter)      \
    X(parameters) X(part) X(pass) X(philox) X(piece) X(place) X(portable) X(prediction) X(progress_bar)               \
    X(read_options) X(report) X(result) X(round_up) X(rows) X(rule) X(run_batch) X(samples) X(save) X(scalar)         \
    X(scalar_t) X(settings) X(simd) X(snake_case) X(split) X(sse2) X(sse4) X(state) X(step) X(step_list) X(store)     \
    X(sum_lanes) X(sum_of) X(summary) X(table) X(target) X(test) X(text) X(text_piece) X(threads) X(tile)             \
    X(to_vector) X(total_size) X(trainer) X(training) X(transpose) X(unroll) X(update) X(utf8) X(value) X(values)     \
    X(view) X(view_of) X(weights) X(window) X(workspace) X(write_atomically) X(zen4)                                 
#define FUNCTION_NAMES(X) X(raise) X(random) X(select) X(sleep) X(system)
// clang-format on

NAMES(OWN)
FUNCTION_NAMES(OWN_FUNCTION)

#include <strata/data.hpp>
#include <strata/io/checkpoint.hpp>
#include <strata/strata.hpp>

using namespace strata;

int main() {
    const Tensor<float, 2> x(std::array<std::size_t, 2>{64, 2});
    const Tensor<int, 1> y(std::array<std::size_t, 1>{64});
    Sequential<Input<2>, Dense<2, Softmax>> classifier;
    auto fitted = compile(classifier, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{});
    fitted.fit(x, y);
    classifier.save("classifier.safetensors");
    return 0 NAMES(USED) FUNCTION_NAMES(USED_FUNCTION);
}
