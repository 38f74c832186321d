"""Writes the C++ program of the node tests: a network for each type, and calls of losses and optimizers."""
import os
from typing import Any, Dict, List

import numpy as np
import onnx

COMPILER = os.environ.get("STRATA_EXCHANGE_COMPILER", "g++\n-std=c++20\n-O0\n-I../../include").split("\n")

HEAD = """\
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <strata/io/checkpoint.hpp>
#include <strata/strata.hpp>
#include <vector>

using namespace strata;

template <class T> std::vector<T> read(const std::filesystem::path& path) {
    std::vector<T> values(std::filesystem::file_size(path) / sizeof(T));
    std::ifstream(path, std::ios::binary).read(reinterpret_cast<char*>(values.data()),
                                               static_cast<std::streamsize>(values.size() * sizeof(T)));
    return values;
}

template <class T> void write(const std::filesystem::path& path, const std::vector<T>& values) {
    std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(values.data()),
                                                static_cast<std::streamsize>(values.size() * sizeof(T)));
}

/// Loads models of one type, self-test included, and predicts what is in their files of inputs.
template <class Model> void predict(const std::filesystem::path& folder, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        Model model;
        model.load(folder / (name + ".safetensors"));
        const auto x = read<float>(folder / (name + ".x"));
        std::vector<float> y(x.size() / Model::input::size * Model::output::size);
        for (std::size_t i = 0; i < x.size() / Model::input::size; ++i)
            model.predict(x.data() + i * Model::input::size, y.data() + i * Model::output::size);
        write(folder / (name + ".y"), y);
    }
}

/// The loss of each row of five logits for its label, and then for each label.
void losses(const std::filesystem::path& path, const SparseCategoricalCrossentropy& loss, std::vector<double> x,
            std::vector<double> labels) {
    std::vector<double> y, dy(5);
    for (std::size_t i = 0; i < labels.size(); ++i) {
        y.push_back(loss.value<authoring::shape<5>, false, double>(x.data() + 5 * i, labels.data() + i, 1.0,
                                                                   dy.data()));
    }
    for (std::size_t i = 0; i < 5 * labels.size(); ++i) {
        const double label = static_cast<double>(i % 5);
        const SparseCategoricalCrossentropy of_each{.from_logits = true};
        y.push_back(of_each.value<authoring::shape<5>, false, double>(x.data() + i / 5 * 5, &label, 1.0, dy.data()));
    }
    write(path, y);
}

/// One step: the new parameters, and the new slots.
template <class Optimizer>
void step(const std::filesystem::path& path, const Optimizer& optimizer, std::uint64_t number, std::vector<double> w,
          std::vector<double> g, std::vector<std::vector<double>> slots) {
    const auto rule = optimizer.template rule<double>(number);
    for (std::size_t i = 0; i < w.size(); ++i) {
        double slot[3] = {};
        for (std::size_t k = 0; k < slots.size(); ++k) slot[k] = slots[k][i];
        rule(w[i], g[i], slot);
        for (std::size_t k = 0; k < slots.size(); ++k) slots[k][i] = slot[k];
    }
    for (const auto& slot : slots) w.insert(w.end(), slot.begin(), slot.end());
    write(path, w);
}

int main(int, char** arguments) {
    const std::filesystem::path folder = arguments[1];
"""


def numbers(values: Any) -> str:
    """A list of C++."""
    return "{" + ", ".join(repr(float(value)) for value in np.asarray(values).reshape(-1)) + "}"


def attributes(case: Any) -> Dict[str, Any]:
    """The attributes of a test's operator."""
    return {a.name: onnx.helper.get_attribute_value(a) for a in case.model.graph.node[0].attribute}


def loss_call(name: str, case: Any) -> str:
    """The losses of a SoftmaxCrossEntropyLoss, one for each row."""
    x, labels = case.data_sets[0][0][:2]
    ignored = attributes(case).get("ignore_index")
    setting = f"{{.from_logits = true{'' if ignored is None else f', .ignore_class = {ignored}'}}}"
    return f'losses(folder / "{name}.y", SparseCategoricalCrossentropy{setting}, {numbers(x)}, {numbers(labels)});'


def groups(case: Any) -> List[np.ndarray]:
    """The inputs of an optimizer behind the rate and the number of steps: parameters, gradients, slots, each of all
    tensors one behind the other."""
    given = case.data_sets[0][0][2:]
    kinds = {"Momentum": 3, "Adagrad": 3, "Adam": 4}[case.model.graph.node[0].op_type]
    tensors = len(given) // kinds
    return [np.concatenate([v.reshape(-1) for v in given[k * tensors:(k + 1) * tensors]]) for k in range(kinds)]


def optimizer_call(name: str, case: Any) -> str:
    """A step. ONNX's velocity is that of the gradients, Keras' that of the parameters: -rate as large. The coefficient
    of the norm is what KernelRegularizer<L2<...>> adds to the gradient, half of it as large."""
    settings, kind = attributes(case), case.model.graph.node[0].op_type
    rate, count = float(case.data_sets[0][0][0]), int(case.data_sets[0][0][1])
    assert count == 0
    w, g, *slots = groups(case)
    g = g + settings["norm_coefficient"] * w
    number = 2
    if kind == "Momentum":
        nesterov = "true" if settings["mode"] == b"nesterov" else "false"
        made = f"SGD{{.learning_rate = {rate}, .momentum = {settings['alpha']}, .nesterov = {nesterov}}}"
        slots = [-rate * slots[0]]
    elif kind == "Adagrad":
        made = f"Adagrad{{.learning_rate = {rate}, .epsilon = {settings['epsilon']}}}"
    else:
        alpha, beta = settings["alpha"], settings["beta"]
        number = 1
        rate = rate * (1 - alpha) / np.sqrt(1 - beta)  # without the correction of a first step
        made = f"Adam{{.learning_rate = {rate}, .beta_1 = {alpha}, .beta_2 = {beta}, .epsilon = {settings['epsilon']}}}"
    lists = ", ".join(numbers(slot) for slot in slots)
    return f'step(folder / "{name}.y", {made}, {number}, {numbers(w)}, {numbers(g)}, {{{lists}}});'


def source(networks: Dict[str, List[str]], others: Dict[str, Any]) -> str:
    """The text of the program: networks by their types, with the names of the tests that have them."""
    lines = []
    for network, named in networks.items():
        listed = ", ".join(f'"{name}"' for name in named)
        lines.append(f"predict<{network}>(folder, {{{listed}}});")
    for name, case in others.items():
        lines.append(loss_call(name, case) if name.startswith("sce") else optimizer_call(name, case))
    return HEAD + "".join(f"    {line}\n" for line in lines) + "}\n"


def results(name: str, case: Any, found: np.ndarray) -> List[np.ndarray]:
    """What the program computed, in the form of the test's outputs, as many as there are here."""
    if name.startswith("sce"):
        labels = case.data_sets[0][0][1]
        given = case.data_sets[0][0][2] if len(case.data_sets[0][0]) > 2 else np.ones(5)
        weights = np.where(labels == attributes(case).get("ignore_index", -1), 0, given[labels])
        reduction = attributes(case)["reduction"]
        total = found[:len(labels)] * given[labels]  # zero where strata ignores a label
        if reduction != b"none":
            total = total.sum() / (weights.sum() if reduction == b"mean" else 1)
        return [total, -found[len(labels):].reshape(-1, 5)]
    parts = np.split(found, len(groups(case)) - 1)
    if case.model.graph.node[0].op_type == "Momentum":
        parts[1] = -parts[1] / float(case.data_sets[0][0][0])
    sizes = [np.size(expected) for expected in case.data_sets[0][1]][:len(case.data_sets[0][1]) // len(parts)]
    return [piece for part in parts for piece in np.split(part, np.cumsum(sizes)[:-1])]
