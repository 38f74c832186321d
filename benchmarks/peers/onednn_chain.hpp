#pragma once

#include "peer.hpp"

#include <array>
#include <cstddef>
#include <dnnl.hpp>
#include <functional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace onednn {

using dnnl::memory;

/// The parameters of all chains, in the formats that the first chain prefers, their gradients, and where all is done.
struct parameters {
    dnnl::engine engine{dnnl::engine::kind::cpu, 0};
    dnnl::stream stream{engine};
    std::vector<memory> values, gradients;
};

/// A chain of layers for one size of batch, as the primitives of oneDNN (2.x) that compute it forwards and backwards.
/// Add the layers, then call `finish`.
class chain {
public:
    /// `shape` is samples x channels x rows x columns.
    chain(std::array<std::size_t, 4> shape, bool training, parameters& shared, peer::first_parameters& first)
        : training_{training}, shared_{shared}, first_{first} {
        memory::dims dims(shape.begin(), shape.end());
        images_ = last_ = memory({dims, memory::data_type::f32, memory::format_tag::nchw}, engine_);
    }

    void conv2d(memory::dim filters, memory::dim kernel, memory::dim padding, dnnl::algorithm activation) {
        const auto in = last_.get_desc().dims();
        const memory::dim lost = kernel - 1 - 2 * padding;
        const memory::dims out{in[0], filters, in[2] - lost, in[3] - lost}, weights{filters, in[1], kernel, kernel};
        const memory::dims strides{1, 1}, pads{padding, padding};
        const dnnl::convolution_forward::primitive_desc forward(
            {propagation(), dnnl::algorithm::convolution_direct, any(in), weights_format(weights), plain(filters),
             any(out), strides, pads, pads},
            fused(activation), engine_);
        const auto start = [&] { return first_.next_conv2d(); };
        const weighted here = add_weighted(forward, start, memory::format_tag::oihw, activation);
        if (!training_) return;
        backward_.push_back([=, this](memory gradient) {
            const dnnl::convolution_backward_weights::primitive_desc of_weights(
                {dnnl::algorithm::convolution_direct, any(in), any(weights), plain(filters), any(out), strides, pads,
                 pads},
                engine_, forward);
            add_weight_gradient(of_weights, here, gradient);
            if (here.index == 0) return memory();
            const dnnl::convolution_backward_data::primitive_desc of_input(
                {dnnl::algorithm::convolution_direct, any(in), any(weights), any(out), strides, pads, pads}, engine_,
                forward);
            return add_input_gradient(of_input, here, gradient);
        });
    }

    void dense(memory::dim units, dnnl::algorithm activation) {
        const auto in = last_.get_desc().dims();
        memory::dims weights = in;
        weights[0] = units;
        const memory::dims out{in[0], units};
        const dnnl::inner_product_forward::primitive_desc forward(
            {propagation(), any(in), weights_format(weights), plain(units), any(out)}, fused(activation), engine_);
        const auto start = [&] { return first_.next_dense(in.size() == 4 ? static_cast<std::size_t>(in[1]) : 1); };
        const auto tag = in.size() == 4 ? memory::format_tag::oihw : memory::format_tag::oi;
        const weighted here = add_weighted(forward, start, tag, activation);
        if (!training_) return;
        backward_.push_back([=, this](memory gradient) {
            const dnnl::inner_product_backward_weights::primitive_desc of_weights(
                {any(in), any(weights), plain(units), any(out)}, engine_, forward);
            add_weight_gradient(of_weights, here, gradient);
            if (here.index == 0) return memory();
            const dnnl::inner_product_backward_data::primitive_desc of_input({any(in), any(weights), any(out)}, engine_,
                                                                             forward);
            return add_input_gradient(of_input, here, gradient);
        });
    }

    /// 2 x 2 with stride 2.
    void pool(dnnl::algorithm kind) {
        const memory input = last_;
        auto out = input.get_desc().dims();
        out[2] /= 2;
        out[3] /= 2;
        const memory::dims two{2, 2}, none{0, 0};
        const dnnl::pooling_forward::primitive_desc forward(
            {propagation(), kind, input.get_desc(), any(out), two, two, none, none}, engine_);
        last_ = memory(forward.dst_desc(), engine_);
        std::unordered_map<int, memory> operands{{DNNL_ARG_SRC, input}, {DNNL_ARG_DST, last_}};
        const bool has_workspace = forward.workspace_desc().get_size() > 0;
        const memory workspace = has_workspace ? memory(forward.workspace_desc(), engine_) : memory();
        if (has_workspace) operands[DNNL_ARG_WORKSPACE] = workspace;
        forward_steps_.push_back({dnnl::pooling_forward(forward), operands});
        if (!training_) return;
        backward_.push_back([=, this](memory gradient) {
            const dnnl::pooling_backward::primitive_desc backward(
                {kind, any(input.get_desc().dims()), forward.dst_desc(), two, two, none, none}, engine_, forward);
            memory result(backward.diff_src_desc(), engine_);
            std::unordered_map<int, memory> all{
                {DNNL_ARG_DIFF_DST, reordered(gradient, backward.diff_dst_desc(), backward_steps_)},
                {DNNL_ARG_DIFF_SRC, result}};
            if (has_workspace) all[DNNL_ARG_WORKSPACE] = workspace;
            backward_steps_.push_back({dnnl::pooling_backward(backward), all});
            return result;
        });
    }

    /// Ends the list of layers; the last one gives the logits.
    void finish() {
        last_ = reordered(last_, plain_rows(), forward_steps_);
        if (!training_) return;
        logits_gradient_ = memory(plain_rows(), engine_);
        memory gradient = logits_gradient_;
        for (auto layer = backward_.rbegin(); layer != backward_.rend(); ++layer) gradient = (*layer)(gradient);
    }

    void forward() { run(forward_steps_); }
    void backward() { run(backward_steps_); }

    float* images() { return static_cast<float*>(images_.get_data_handle()); }
    const float* logits() const { return static_cast<const float*>(last_.get_data_handle()); }
    float* logits_gradient() { return static_cast<float*>(logits_gradient_.get_data_handle()); }

private:
    struct primitive_call {
        dnnl::primitive primitive;
        std::unordered_map<int, memory> operands;
    };

    /// What the backward pass needs of a layer with parameters; its weights stand at `index`, its bias behind them.
    struct weighted {
        std::size_t index;
        memory input, output;
        dnnl::algorithm activation;
    };

    static memory::desc any(const memory::dims& dims) {
        return {dims, memory::data_type::f32, memory::format_tag::any};
    }
    static memory::desc plain(memory::dim size) { return {{size}, memory::data_type::f32, memory::format_tag::x}; }

    memory::desc plain_rows() const {
        return {last_.get_desc().dims(), memory::data_type::f32, memory::format_tag::nc};
    }

    dnnl::prop_kind propagation() const {
        return training_ ? dnnl::prop_kind::forward_training : dnnl::prop_kind::forward_inference;
    }

    static dnnl::primitive_attr fused(dnnl::algorithm activation) {
        dnnl::primitive_attr attributes;
        dnnl::post_ops after;
        if (activation != dnnl::algorithm::undef) after.append_eltwise(1, activation, 0, 0);
        attributes.set_post_ops(after);
        return attributes;
    }

    /// That of the parameters, once another chain has chosen it.
    memory::desc weights_format(const memory::dims& dims) const {
        return next_ < shared_.values.size() ? shared_.values[next_].get_desc() : any(dims);
    }

    memory reordered(const memory& from, const memory::desc& wanted, std::vector<primitive_call>& steps) {
        if (from.get_desc() == wanted) return from;
        memory to(wanted, engine_);
        steps.push_back({dnnl::reorder(from, to), {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}}});
        return to;
    }

    template <class Descriptor, class Start>
    weighted add_weighted(const Descriptor& forward, Start&& start, memory::format_tag tag,
                          dnnl::algorithm activation) {
        const std::size_t index = next_;
        next_ += 2;
        if (index == shared_.values.size()) {
            auto [kernel, bias] = start();
            for (const auto& desc : {forward.weights_desc(), forward.bias_desc()}) {
                shared_.values.emplace_back(desc, engine_);
                shared_.gradients.emplace_back(desc, engine_);
            }
            memory given({forward.weights_desc().dims(), memory::data_type::f32, tag}, engine_, kernel.data());
            dnnl::reorder(given, shared_.values[index]).execute(stream_, given, shared_.values[index]);
            stream_.wait();
            std::copy(bias.begin(), bias.end(), static_cast<float*>(shared_.values[index + 1].get_data_handle()));
        }
        const memory input = reordered(last_, forward.src_desc(), forward_steps_);
        last_ = memory(forward.dst_desc(), engine_);
        forward_steps_.push_back({dnnl::primitive(forward),
                                  {{DNNL_ARG_SRC, input},
                                   {DNNL_ARG_WEIGHTS, shared_.values[index]},
                                   {DNNL_ARG_BIAS, shared_.values[index + 1]},
                                   {DNNL_ARG_DST, last_}}});
        return {index, input, last_, activation};
    }

    /// Through the activation, in place, and to the parameters. Changes `gradient` to the one before the activation.
    template <class Descriptor>
    void add_weight_gradient(const Descriptor& backward, const weighted& layer, memory& gradient) {
        if (layer.activation != dnnl::algorithm::undef) {
            const auto desc = layer.output.get_desc();
            gradient = reordered(gradient, desc, backward_steps_);
            const dnnl::eltwise_forward::primitive_desc forward(
                {dnnl::prop_kind::forward_training, layer.activation, desc, 0, 0}, engine_);
            const dnnl::eltwise_backward::primitive_desc slope({layer.activation, desc, desc, 0, 0}, engine_, forward);
            backward_steps_.push_back(
                {dnnl::eltwise_backward(slope),
                 {{DNNL_ARG_DST, layer.output}, {DNNL_ARG_DIFF_DST, gradient}, {DNNL_ARG_DIFF_SRC, gradient}}});
        }
        memory& kept = shared_.gradients[layer.index];
        const bool same = kept.get_desc() == backward.diff_weights_desc();
        const memory written = same ? kept : memory(backward.diff_weights_desc(), engine_);
        backward_steps_.push_back({dnnl::primitive(backward),
                                   {{DNNL_ARG_SRC, reordered(layer.input, backward.src_desc(), backward_steps_)},
                                    {DNNL_ARG_DIFF_DST, reordered(gradient, backward.diff_dst_desc(), backward_steps_)},
                                    {DNNL_ARG_DIFF_WEIGHTS, written},
                                    {DNNL_ARG_DIFF_BIAS, shared_.gradients[layer.index + 1]}}});
        if (!same) {
            backward_steps_.push_back({dnnl::reorder(written, kept), {{DNNL_ARG_FROM, written}, {DNNL_ARG_TO, kept}}});
        }
    }

    template <class Descriptor>
    memory add_input_gradient(const Descriptor& backward, const weighted& layer, const memory& gradient) {
        memory result(backward.diff_src_desc(), engine_);
        const memory weights = reordered(shared_.values[layer.index], backward.weights_desc(), backward_steps_);
        backward_steps_.push_back({dnnl::primitive(backward),
                                   {{DNNL_ARG_WEIGHTS, weights},
                                    {DNNL_ARG_DIFF_DST, reordered(gradient, backward.diff_dst_desc(), backward_steps_)},
                                    {DNNL_ARG_DIFF_SRC, result}}});
        return result;
    }

    void run(std::vector<primitive_call>& steps) {
        for (auto& [primitive, operands] : steps) primitive.execute(stream_, operands);
        stream_.wait();
    }

    bool training_;
    parameters& shared_;
    peer::first_parameters& first_;
    const dnnl::engine& engine_ = shared_.engine;
    dnnl::stream& stream_ = shared_.stream;
    std::size_t next_ = 0;
    memory images_, last_, logits_gradient_;
    std::vector<primitive_call> forward_steps_, backward_steps_;
    std::vector<std::function<memory(memory)>> backward_;
};

}  // namespace onednn
