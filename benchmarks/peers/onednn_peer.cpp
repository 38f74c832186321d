/// oneDNN used directly: the memory formats that it prefers, activations fused into what is before them, no framework
/// around it. Loss and Adam, which it does not have, are loops here.

#include "onednn_chain.hpp"
#include "peer.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using onednn::chain;

void add_layers(chain& to, const std::string& network) {
    using enum dnnl::algorithm;
    constexpr auto tanh = eltwise_tanh_use_dst_for_bwd, relu = eltwise_relu_use_dst_for_bwd;
    if (network == "lenet5") {
        to.conv2d(6, 5, 2, tanh);
        to.pool(pooling_avg_exclude_padding);
        to.conv2d(16, 5, 0, tanh);
        to.pool(pooling_avg_exclude_padding);
        to.dense(120, tanh);
        to.dense(84, tanh);
    } else if (network == "mlp") {
        to.dense(512, relu);
        to.dense(512, relu);
    } else {
        for (const long filters : {32, 64, 128}) {
            to.conv2d(filters, 3, 1, relu);
            to.conv2d(filters, 3, 1, relu);
            to.pool(pooling_max);
        }
        to.dense(256, relu);
    }
    to.dense(10, undef);
}

/// Adam over the parameters, in whatever format they are.
class adam {
public:
    void step(const std::vector<dnnl::memory>& values, const std::vector<dnnl::memory>& gradients) {
        first_.resize(values.size());
        second_.resize(values.size());
        ++steps_;
        const float beta1 = 0.9F, beta2 = 0.999F, epsilon = 1e-7F;
        const float correction = std::sqrt(1 - std::pow(beta2, float(steps_)));
        const float rate = 0.001F * correction / (1 - std::pow(beta1, float(steps_)));
        for (std::size_t p = 0; p < values.size(); ++p) {
            const std::size_t count = values[p].get_desc().get_size() / sizeof(float);
            first_[p].resize(count);
            second_[p].resize(count);
            auto* value = static_cast<float*>(values[p].get_data_handle());
            const auto* gradient = static_cast<const float*>(gradients[p].get_data_handle());
            float *m = first_[p].data(), *v = second_[p].data();
#pragma omp parallel for simd if (count > 16384)
            for (std::size_t i = 0; i < count; ++i) {
                m[i] += (1 - beta1) * (gradient[i] - m[i]);
                v[i] += (1 - beta2) * (gradient[i] * gradient[i] - v[i]);
                value[i] -= rate * m[i] / (std::sqrt(v[i]) + epsilon * correction);
            }
        }
    }

private:
    std::vector<std::vector<float>> first_, second_;
    std::size_t steps_ = 0;
};

class model {
public:
    model(const peer::request& what, const peer::split& data, peer::first_parameters& first)
        : what_{what}, data_{data}, first_{first} {
        // The chain of the usual batch comes first: its formats are those of the parameters.
        of_size(what.mode == "one" ? 1 : what.batch);
    }

    template <class Samples> double step(Samples samples) {
        chain& net = of_size(samples.size());
        for (std::size_t i = 0; i < samples.size(); ++i) copy_image(net, samples[i], i);
        net.forward();
        const float *logits = net.logits(), scale = 1 / float(samples.size());
        float* gradient = net.logits_gradient();
        double loss = 0;
        for (std::size_t i = 0; i < samples.size(); ++i, logits += 10, gradient += 10) {
            softmax(logits, gradient);
            const std::size_t label = data_.labels[samples[i]];
            loss -= std::log(std::max(gradient[label], 1e-30F));
            gradient[label] -= 1;
            for (std::size_t c = 0; c < 10; ++c) gradient[c] *= scale;
        }
        net.backward();
        adam_.step(shared_.values, shared_.gradients);
        return loss / static_cast<double>(samples.size());
    }

    void predict(std::size_t first, std::size_t count, float* probabilities) {
        chain& net = of_size(count);
        for (std::size_t i = 0; i < count; ++i) copy_image(net, first + i, i);
        net.forward();
        for (std::size_t i = 0; i < count; ++i) softmax(net.logits() + 10 * i, probabilities + 10 * i);
    }

private:
    chain& of_size(std::size_t batch) {
        auto& found = chains_[batch];
        if (!found) {
            const auto [channels, rows, columns] = data_.shape;
            found = std::make_unique<chain>(std::array{batch, channels, rows, columns}, what_.mode == "train", shared_,
                                            first_);
            add_layers(*found, what_.network);
            found->finish();
        }
        return *found;
    }

    void copy_image(chain& net, std::size_t sample, std::size_t place) {
        std::copy_n(data_.image(sample), data_.image_size(), net.images() + place * data_.image_size());
    }

    static void softmax(const float* logits, float* probabilities) {
        const float most = *std::max_element(logits, logits + 10);
        float sum = 0;
        for (std::size_t c = 0; c < 10; ++c) sum += probabilities[c] = std::exp(logits[c] - most);
        for (std::size_t c = 0; c < 10; ++c) probabilities[c] /= sum;
    }

    const peer::request& what_;
    const peer::split& data_;
    peer::first_parameters& first_;
    onednn::parameters shared_;
    adam adam_;
    std::map<std::size_t, std::unique_ptr<chain>> chains_;
};

}  // namespace

int main(int argc, char** argv) {
    const dnnl_version_t& v = *dnnl_version();
    const std::string version = std::to_string(v.major) + "." + std::to_string(v.minor) + "." + std::to_string(v.patch);
    return peer::main(argc, argv, "onednn", version,
                      [](const peer::request& what) { return peer::measure_mode<model>(what); });
}
