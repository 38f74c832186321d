/// dlib, with the BLAS that it finds; its adam with dlib's own epsilon (1e-8) and no weight decay.

#include "peer.hpp"

#include <dlib/dnn.h>
#include <dlib/revision.h>
#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

template <int Filters, int Kernel, int Padding, class Below>
using conv = dlib::add_layer<dlib::con_<Filters, Kernel, Kernel, 1, 1, Padding, Padding>, Below>;
template <class Below> using average = dlib::avg_pool<2, 2, 2, 2, Below>;
template <class Below> using maximum = dlib::max_pool<2, 2, 2, 2, Below>;
template <int Filters, class Below>
using vgg_block = maximum<dlib::relu<conv<Filters, 3, 1, dlib::relu<conv<Filters, 3, 1, Below>>>>>;

/// Samples are given as tensors, so that nothing is copied twice.
using input = dlib::input<dlib::matrix<float>>;

using lenet5 = dlib::loss_multiclass_log<
    dlib::fc<10, dlib::htan<dlib::fc<
                     84, dlib::htan<dlib::fc<
                             120, average<dlib::htan<conv<16, 5, 0, average<dlib::htan<conv<6, 5, 2, input>>>>>>>>>>>>;
using mlp = dlib::loss_multiclass_log<dlib::fc<10, dlib::relu<dlib::fc<512, dlib::relu<dlib::fc<512, input>>>>>>;
using vgg = dlib::loss_multiclass_log<
    dlib::fc<10, dlib::relu<dlib::fc<256, vgg_block<128, vgg_block<64, vgg_block<32, input>>>>>>>;

template <class Net> class model {
public:
    model(const peer::request&, const peer::split& data, peer::first_parameters& parameters)
        : data_{data}, solvers_(Net::num_computational_layers, dlib::adam(0, 0.9F, 0.999F)) {
        const dlib::matrix<float> blank = dlib::zeros_matrix<float>(1, 1);
        net_.to_tensor(&blank, &blank + 1, batch_);  // dlib wants to have made one tensor before it takes ours
        arrange(0, 1, [](std::size_t i) { return i; });
        net_.subnet().forward(batch_);  // lets the layers make their parameters
        start_from(parameters);
    }

    template <class Samples> double step(Samples samples) {
        arrange(0, samples.size(), [&](std::size_t i) { return samples[i]; });
        labels_.resize(samples.size());
        for (std::size_t i = 0; i < samples.size(); ++i) labels_[i] = data_.labels[samples[i]];
        const double loss = net_.compute_parameter_gradients(batch_, labels_.begin());
        net_.update_parameters(solvers_, 0.001);
        return loss;
    }

    void predict(std::size_t first, std::size_t count, float* probabilities) {
        arrange(first, count, [](std::size_t i) { return i; });
        const dlib::tensor& logits = net_.subnet().forward(batch_);
        result_.copy_size(logits);
        dlib::tt::softmax(result_, logits);
        std::copy_n(result_.host(), count * 10, probabilities);
    }

private:
    template <class Place> void arrange(std::size_t first, std::size_t count, Place&& place) {
        const auto [channels, rows, columns] = data_.shape;
        batch_.set_size(static_cast<long>(count), static_cast<long>(channels), static_cast<long>(rows),
                        static_cast<long>(columns));
        float* to = batch_.host_write_only();
        for (std::size_t i = 0; i < count; ++i) {
            to = std::copy_n(data_.image(place(first + i)), data_.image_size(), to);
        }
    }

    /// dlib keeps a layer's filters and then its biases in one tensor, filters x channels x rows x columns of a
    /// convolution, inputs x units of a dense layer.
    void start_from(peer::first_parameters& parameters) {
        const auto copy = [](dlib::tensor& to, const std::vector<float>& kernel, const std::vector<float>& bias) {
            if (to.size() != kernel.size() + bias.size()) throw std::runtime_error("these are not its parameters");
            std::copy(bias.begin(), bias.end(), std::copy(kernel.begin(), kernel.end(), to.host()));
        };
        // Layers come from the last to the first, so they are gathered before they are filled.
        std::vector<dlib::tensor*> tensors;
        std::vector<bool> dense;
        dlib::visit_computational_layers(net_, [&]<class Layer>(Layer& layer) {
            if (layer.get_layer_params().size() == 0) return;
            tensors.insert(tensors.begin(), &layer.get_layer_params());
            dense.insert(
                dense.begin(), requires { layer.get_num_outputs(); });
        });
        const std::size_t convolutions = static_cast<std::size_t>(std::count(dense.begin(), dense.end(), false));
        std::size_t channels = 1;
        for (std::size_t i = 0; i < tensors.size(); ++i) {
            if (i < convolutions) {
                const auto [kernel, bias] = parameters.next_conv2d();
                channels = bias.size();
                copy(*tensors[i], kernel, bias);
                continue;
            }
            const auto [kernel, bias] = parameters.next_dense(std::exchange(channels, 1));
            copy(*tensors[i], transposed(kernel, bias.size()), bias);
        }
    }

    /// units x inputs to inputs x units.
    static std::vector<float> transposed(const std::vector<float>& kernel, std::size_t units) {
        const std::size_t inputs = kernel.size() / units;
        std::vector<float> result(kernel.size());
        for (std::size_t u = 0; u < units; ++u) {
            for (std::size_t i = 0; i < inputs; ++i) result[i * units + u] = kernel[u * inputs + i];
        }
        return result;
    }

    const peer::split& data_;
    Net net_;
    std::vector<dlib::adam> solvers_;
    dlib::resizable_tensor batch_, result_;
    std::vector<unsigned long> labels_;
};

}  // namespace

int main(int argc, char** argv) {
    const std::string version = std::to_string(DLIB_MAJOR_VERSION) + "." + std::to_string(DLIB_MINOR_VERSION);
    return peer::main(argc, argv, "dlib", version, [](const peer::request& what) {
        if (what.network == "lenet5") return peer::measure_mode<model<lenet5>>(what);
        return what.network == "mlp" ? peer::measure_mode<model<mlp>>(what) : peer::measure_mode<model<vgg>>(what);
    });
}
