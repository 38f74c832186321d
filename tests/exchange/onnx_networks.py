#!/usr/bin/env python3
"""Writes the C++ programs of the ONNX exchange test: networks of each kind of layer, and random ones, dealt out.

usage: onnx_networks.py SEED RANDOM_COUNT PROGRAM.cpp [PROGRAM.cpp ...]
"""

from __future__ import annotations

import random
import re
import sys
from pathlib import Path

WITHOUT_FORM = {"Masking", "RBF", "Subsampling2D"}

ACTIVATIONS = [
    "CELU", "CELU::With<Alpha<0.5>>", "ELU", "ELU::With<Alpha<0.5>>", "Exponential", "GELU", "GELU::With<Approximate>",
    "HardShrink", "HardShrink::With<Threshold<1>>", "HardSigmoid", "HardSiLU", "HardTanh", "LeakyReLU",
    "LeakyReLU::With<NegativeSlope<0.1>>", "Linear", "LogSigmoid", "LogSoftmax", "Mish", "ReLU",
    "ReLU::With<MaxValue<2>, NegativeSlope<0.25>, Threshold<1>>", "ReLU::With<NegativeSlope<0.25>, Threshold<1>>",
    "ReLU6", "ScaledTanh::With<Alpha<2>, Beta<0.5>>", "SELU", "Sigmoid", "SiLU", "Softmax", "Softplus", "SoftShrink",
    "SoftShrink::With<Threshold<1>>", "Softsign", "Sparsemax", "SparsePlus", "SparseSigmoid", "Squareplus", "Tanh", "TanhShrink",
]

BLOCK = "Residual<Conv2D<{0}, Same, NoBias>, BatchNormalization<>, ReLU, Conv2D<{0}, Same, NoBias>, " \
        "BatchNormalization<>>, ReLU"
WIDER = "Residual<Conv2D<{0}, Same, Strides<2>, NoBias>, BatchNormalization<>, ReLU, Conv2D<{0}, Same, NoBias>, " \
        "BatchNormalization<>, Shortcut<Conv2D<{0}, Kernel<1>, Strides<2>, NoBias>, BatchNormalization<>>>, ReLU"
RESNET20 = ", ".join(
    ["Conv2D<4, Same, NoBias>, BatchNormalization<>, ReLU"] + [BLOCK.format(4)] * 3 + [WIDER.format(8)]
    + [BLOCK.format(8)] * 2 + [WIDER.format(16)] + [BLOCK.format(16)] * 2 + ["GlobalAveragePooling2D<>, Dense<10, Softmax>"])

# Of each kind of layer at least one. The name says what it is; the layers stand behind Input.
FIXED: dict[str, str] = {
    "lenet5": "Input<28, 28, 1>, Conv2D<6, Kernel<5>, Same, Tanh>, AveragePooling2D<>, Conv2D<16, Kernel<5>, Tanh>, "
              "AveragePooling2D<>, Flatten, Dense<120, Tanh>, Dense<84, Tanh>, Dense<10, Softmax>",
    "resnet20": "Input<12, 12, 3>, " + RESNET20,
    "dense": "Input<5>, Dense<4, GELU>, Dense<3, NoBias, Sigmoid>",
    "dense_rows": "Input<4, 5>, Dense<3, Tanh>, Dense<2, NoBias, Softmax>",
    "dense_image": "Input<3, 4, 5>, Conv2D<4>, Dense<3, SiLU>, Conv2D<2, Kernel<1, 2>>",
    "conv2d_strides": "Input<7, 8, 2>, Conv2D<3, Kernel<3, 2>, Strides<2, 3>, Same, ReLU>",
    "conv2d_valid_strides": "Input<8, 9, 2>, Conv2D<3, Kernel<2, 3>, Strides<3, 2>>",
    "conv2d_dilation": "Input<9, 8, 2>, Conv2D<4, Dilation<2, 1>, Same, LeakyReLU>",
    "conv2d_groups": "Input<5, 5, 4>, Conv2D<6, Groups<2>, NoBias>",
    "conv2d_glu": "Input<5, 5, 2>, Conv2D<6, GLU>, Conv2D<4, Kernel<1>, Softmax>",
    "conv1d": "Input<9, 2>, Conv1D<3, Same, Strides<2>, Tanh>, Conv1D<2, Kernel<2>>",
    "conv1d_causal": "Input<9, 2>, Conv1D<3, Kernel<2>, Causal, Dilation<2>, ReLU>, Conv1D<3, Causal, Strides<2>>",
    "depthwise": "Input<6, 7, 3>, DepthwiseConv2D<DepthMultiplier<2>, Same, Strides<2>, ReLU>",
    "separable": "Input<6, 7, 3>, SeparableConv2D<4, DepthMultiplier<2>, Tanh>",
    "separable_same": "Input<6, 7, 3>, SeparableConv2D<4, Same, NoBias, GELU>",
    "transpose": "Input<3, 4, 2>, Conv2DTranspose<3, Strides<2>, Same, ReLU>",
    "transpose_valid": "Input<3, 4, 2>, Conv2DTranspose<3, Kernel<2, 3>, Strides<3, 2>, NoBias>",
    "transpose_dilation": "Input<3, 4, 2>, Conv2DTranspose<3, Kernel<3>, Dilation<2>, Same>",
    "transpose_padding": "Input<3, 4, 2>, Conv2DTranspose<3, Kernel<4>, Strides<3>, OutputPadding<2, 1>, Same>",
    "transpose1d": "Input<4, 2>, Conv1DTranspose<3, Strides<2>, Same, Tanh>, Conv1DTranspose<2, Kernel<2>, Strides<3>>",
    "max_pool": "Input<7, 8, 2>, MaxPooling2D<Pool<3, 2>, Strides<2, 3>, Same>",
    "average_pool": "Input<7, 8, 2>, AveragePooling2D<Pool<3, 2>, Strides<2, 3>, Same>",
    "max_pool1d": "Input<8, 2>, MaxPooling1D<Pool<3>, Strides<2>, Same>, MaxPooling1D<>",
    "average_pool1d": "Input<8, 2>, AveragePooling1D<Pool<3>, Strides<2>, Same>, AveragePooling1D<>",
    "global_average": "Input<4, 5, 3>, GlobalAveragePooling2D<KeepDims>, GlobalAveragePooling2D<>",
    "global_max": "Input<4, 5, 3>, GlobalMaxPooling2D<KeepDims>, GlobalMaxPooling2D<>",
    "global_average1d": "Input<4, 3>, GlobalAveragePooling1D<KeepDims>, GlobalAveragePooling1D<>",
    "global_max1d": "Input<4, 3>, GlobalMaxPooling1D<KeepDims>, GlobalMaxPooling1D<>",
    "shapes": "Input<2, 3, 4>, Permute<3, 1, 2>, Reshape<6, 4>, Conv1D<3>, Flatten, Reshape<2, 6>, Flatten, Dropout<0.5>",
    "repeat": "Input<3>, RepeatVector<4>, Flatten",
    "padding": "Input<3, 4, 2>, ZeroPadding2D<1, 2, 0, 3>, Conv2D<2>, ZeroPadding2D<1, 2>, Cropping2D<1, 0, 2, 1>, "
               "Conv2D<2, Kernel<1>>, Cropping2D<1>",
    "padding1d": "Input<4, 2>, ZeroPadding1D<1, 2>, Cropping1D<2, 1>, Conv1D<3, Kernel<1>>, ZeroPadding1D<>, Cropping1D<0, 1>",
    "up_sampling": "Input<3, 4, 2>, UpSampling2D<Size<2, 3>>, UpSampling2D<Size<3, 2>, Bilinear>",
    "up_sampling1d": "Input<3, 2>, UpSampling1D<Size<3>>",
    "embedding": "Input<5>, Embedding<7, 3>, Flatten, Dense<2>",
    "embedding_grid": "Input<2, 3>, Embedding<7, 4>, Conv2D<2, Kernel<1, 2>>",
    "time_distributed": "Input<3, 5, 4, 2>, TimeDistributed<Conv2D<3, ReLU>>, TimeDistributed<MaxPooling2D<>>, "
                        "TimeDistributed<Flatten>, TimeDistributed<Dense<4, Softmax>>",
    "batch_normalization": "Input<3, 4, 2>, BatchNormalization<>, Conv2D<3>, BatchNormalization<NoScale, Epsilon<0.1>>, "
                           "BatchNormalization<NoCenter>",
    "batch_normalization_row": "Input<4>, BatchNormalization<NoScale, NoCenter>, Dense<3>, BatchNormalization<>",
    "batch_normalization_steps": "Input<4, 3>, BatchNormalization<>, Dense<2>",
    "layer_normalization": "Input<3, 4>, LayerNormalization<>, LayerNormalization<NoScale, Epsilon<0.1>>",
    "layer_normalization_image": "Input<4, 4, 3>, Conv2D<4>, LayerNormalization<NoCenter>",
    "group_normalization": "Input<4, 3, 6>, GroupNormalization<Groups<3>>, GroupNormalization<Groups<6>, NoScale>",
    "group_normalization_row": "Input<6>, GroupNormalization<Groups<2>, NoCenter, Epsilon<0.1>>",
    "rms_normalization": "Input<3, 4>, RMSNormalization<>, Dense<3>, RMSNormalization<Epsilon<0.1>>",
    "unit_normalization": "Input<3, 4>, UnitNormalization, Conv1D<3>, UnitNormalization",
    "normalization": "Input<3, 4, 2>, Normalization, Conv2D<3>, Normalization, Conv2D<2, Kernel<1>>",
    "rescaling": "Input<3, 4>, Rescaling<0.5, -1>, Rescaling<2>",
    "noise": "Input<4, 5, 2>, GaussianNoise<0.1>, SpatialDropout2D<0.5>, Conv2D<2>, GaussianDropout<0.5>, AlphaDropout<0.5>",
    "only_noise": "Input<4, 3>, SpatialDropout1D<0.5>",
    "prelu": "Input<3, 4, 2>, PReLU<>, Conv2D<3>, PReLU<SharedAxes<1, 2>>, Flatten, PReLU<>",
    "prelu_image": "Input<4, 4, 2>, Conv2D<3>, PReLU<>",
    "add": "Input<5, 4, 2>, Add<Branch<Conv2D<2, Same>>, Branch<>, Branch<Dense<2>>>",
    "average": "Input<5, 2>, Average<Branch<Conv1D<2, Same>>, Branch<>, Branch<Dense<2>>>",
    "merges": "Input<5>, Multiply<Branch<Dense<3>>, Branch<Dense<3>>, Branch<Dense<3>>>, "
              "Subtract<Branch<Dense<4>>, Branch<Dense<4>>>, Maximum<Branch<Dense<3>>, Branch<Dense<3>>>, "
              "Minimum<Branch<>, Branch<Dense<3>>>",
    "concatenate": "Input<5, 4, 2>, Concatenate<Branch<Conv2D<3, Same>>, Branch<MaxPooling2D<Strides<1>, Same>>, Branch<>>, "
                   "Concatenate<Branch<Conv2D<3>>, Branch<Conv2D<2>>>",
    "residual": "Input<6, 6, 3>, Residual<Conv2D<3, Same, Tanh>>, Frozen<Conv2D<2>>, Flatten, Residual<Dense<32>>",
    "attention": "Input<4, 6>, MultiHeadAttention<2, 3>, MultiHeadAttention<3, 2, ValueUnits<4>, OutputUnits<5>, Causal, NoBias>",
    "cross_attention": "Input<4, 6>, CrossAttention<MultiHeadAttention<2, 3>, Branch<Dense<5>>, Branch<MaxPooling1D<>>>",
    "transformer": "Input<4, 6>, Residual<LayerNormalization<>, MultiHeadAttention<2, 3>>, "
                   "Residual<LayerNormalization<>, Dense<8, GELU>, Dense<6>>, GlobalAveragePooling1D<>, Dense<2, Softmax>",
    "simple_rnn": "Input<5, 3>, SimpleRNN<4, ReturnSequences>, SimpleRNN<3, ReLU, GoBackwards, NoBias>",
    "lstm": "Input<5, 3>, LSTM<4, ReturnSequences>, LSTM<3, GoBackwards>, Dense<2>",
    "lstm_backwards": "Input<5, 3>, LSTM<4, ReturnSequences, GoBackwards, NoBias>",
    "lstm_activations": "Input<5, 3>, LSTM<4, ReturnSequences, ReLU, RecurrentActivation<HardSigmoid>>, LSTM<3, Softplus>, "
                        "Reshape<1, 3>, LSTM<3, ELU, RecurrentActivation<LeakyReLU>>",
    "gru": "Input<5, 3>, GRU<4, ReturnSequences>, GRU<3>",
    "gru_before": "Input<5, 3>, GRU<4, ResetBefore, ReturnSequences, GoBackwards>, GRU<3, ResetBefore, NoBias>",
    "gru_activations": "Input<5, 3>, GRU<4, Linear, RecurrentActivation<HardSigmoid>>",
    "bidirectional": "Input<5, 3>, Bidirectional<LSTM<4, ReturnSequences>>, Bidirectional<GRU<3>, Sum>",
    "bidirectional_rnn": "Input<5, 3>, Bidirectional<SimpleRNN<4, ReturnSequences>, Mul>, Bidirectional<LSTM<2>, Ave>",
}


def activation_networks() -> dict[str, str]:
    """All activations, dealt out to networks: the first one of each reads channels first, the others last."""
    networks = {}
    for first in range(6):
        names = ACTIVATIONS[first::6]
        branches = [f"Branch<Conv2D<4, Kernel<1>>, {names[0]}>"] + [f"Branch<{name}>" for name in names[1:]]
        networks[f"activations_{first}"] = f"Input<3, 4, 4>, Concatenate<{', '.join(branches)}>"
    return networks


class RandomNetwork:
    """A network of layers that fit on each other, drawn one after the other."""

    def __init__(self, draw: random.Random) -> None:
        self.draw = draw
        self.shape: list[int] = draw.choice([[6, 7, 2], [8, 5, 3], [7, 3], [9, 2], [5]])
        self.layers = ["Input<" + ", ".join(map(str, self.shape)) + ">"]
        for _ in range(draw.randint(2, 5)):
            self.layers.append(self.layer())

    def text(self) -> str:
        return ", ".join(self.layers)

    def activation(self) -> str:
        chosen = self.draw.choice([None, None, "ReLU", "Tanh", "Sigmoid", "ELU", "SiLU", "Softmax", "LeakyReLU"])
        return f", {chosen}" if chosen else ""

    def layer(self) -> str:
        return self.draw.choice({3: [self.convolution, self.convolution, self.pool, self.of_any_shape, self.flat],
                                 2: [self.convolution1d, self.recurrent, self.pool1d, self.of_any_shape, self.flat],
                                 1: [self.dense, self.dense, self.of_any_shape]}[len(self.shape)])()

    def width(self) -> int:
        return self.draw.randint(1, 4)

    def along(self, axis: int, window: int, stride: int, same: bool) -> None:
        inputs = self.shape[axis]
        self.shape[axis] = -(-inputs // stride) if same else (inputs - window) // stride + 1

    def windows(self, axes: int) -> tuple[list[int], list[int], str]:
        """A window and strides along each axis, and the padding; the shape becomes that of the result."""
        window = [self.draw.randint(1, min(3, self.shape[axis])) for axis in range(axes)]
        strides = [self.draw.randint(1, 2) for _ in range(axes)]
        same = self.draw.random() < 0.5
        for axis in range(axes):
            self.along(axis, window[axis], strides[axis], same)
        return window, strides, ", Same" if same else ""

    def convolution(self) -> str:
        return self.windowed("Conv2D", 2)

    def convolution1d(self) -> str:
        return self.windowed("Conv1D", 1)

    def windowed(self, name: str, axes: int) -> str:
        window, strides, padding = self.windows(axes)
        self.shape[-1] = self.width()
        return (f"{name}<{self.shape[-1]}, Kernel<{numbers(window)}>, Strides<{numbers(strides)}>{padding}"
                f"{self.draw.choice(['', ', NoBias'])}{self.activation()}>")

    def pool(self) -> str:
        return self.pooling(self.draw.choice(["MaxPooling2D", "AveragePooling2D"]), 2)

    def pool1d(self) -> str:
        return self.pooling(self.draw.choice(["MaxPooling1D", "AveragePooling1D"]), 1)

    def pooling(self, name: str, axes: int) -> str:
        window, strides, padding = self.windows(axes)
        return f"{name}<Pool<{numbers(window)}>, Strides<{numbers(strides)}>{padding}>"

    def recurrent(self) -> str:
        units, name = self.width(), self.draw.choice(["LSTM", "GRU", "SimpleRNN"])
        options = self.draw.choice(["", ", GoBackwards"])
        if self.draw.random() < 0.5:
            options += ", ReturnSequences"
            self.shape[-1] = units
        else:
            self.shape = [units]
        return f"{name}<{units}{options}>"

    def flat(self) -> str:
        self.shape = [self.shape[0] * self.shape[1] * (self.shape[2] if len(self.shape) == 3 else 1)]
        return "Flatten"

    def dense(self) -> str:
        self.shape[-1] = self.width()
        return f"Dense<{self.shape[-1]}{self.activation()}>"

    def of_any_shape(self) -> str:
        chosen = self.draw.choice(["BatchNormalization<>", "LayerNormalization<>", "Dropout<0.5>", "PReLU<>", "Dense",
                                   "Residual", "Concatenate", "UnitNormalization", "RMSNormalization<>"])
        channels = self.shape[-1]
        if chosen == "Dense":
            return self.dense()
        if chosen == "Residual":
            return f"Residual<Dense<{channels}{self.activation()}>>"
        if chosen == "Concatenate":
            more = self.width()
            self.shape[-1] = channels + more
            return f"Concatenate<Branch<>, Branch<Dense<{more}>>>"
        return chosen


def numbers(values: list[int]) -> str:
    return ", ".join(map(str, values))


def require_all_layers(networks: list[tuple[str, str]]) -> None:
    """Ends the program where a layer of the library, but for those that have no form in ONNX, is in no network."""
    headers = (Path(__file__).parents[2] / "include/strata/layers").rglob("*.hpp")
    layers = {name for header in headers for name in re.findall(r'class_name = "(\w+)"', header.read_text())}
    tested = {word for _, text in networks for word in re.findall(r"\w+", text)}
    missing = layers - tested - WITHOUT_FORM
    if missing:
        sys.exit(f"no network has {', '.join(sorted(missing))}: add one to {Path(__file__).name}")


def program(networks: list[tuple[str, str]]) -> str:
    lines = ['#include "onnx_network.hpp"', "", "using namespace strata;", "", "int main(int, char** arguments) {",
             "    const std::string folder = arguments[1];"]
    for number, (name, layers) in enumerate(networks):
        lines.append(f'    exchange::write<Sequential<{layers}>>(folder, "{name}", {number});')
    return "\n".join(lines + ["}", ""])


def main(seed: str, count: str, *programs: str) -> None:
    networks = list((FIXED | activation_networks()).items())
    require_all_layers(networks)
    for number in range(int(count)):
        networks.append((f"random_{number}", RandomNetwork(random.Random(f"{seed} {number}")).text()))
    for number, path in enumerate(programs):
        Path(path).write_text(program(networks[number::len(programs)]))


if __name__ == "__main__":
    main(*sys.argv[1:])
