"""Small graphs, written as exporters write them, for what the files of others do not have."""
from typing import Any, Dict, List, Sequence, Tuple

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

Shape = Sequence[Any]
random = np.random.default_rng(7)


def numbers(*shape: int) -> np.ndarray:
    """Random weights."""
    return (random.normal(size=shape) * 0.4).astype(np.float32)


def node(kind: str, inputs: str, outputs: str, **attributes: Any) -> Any:
    """An operator; names are divided by blanks, "-" is one that is left out."""
    names = [[name.replace("-", "") for name in text.split()] for text in (inputs, outputs)]
    return helper.make_node(kind, *names, **attributes)


def graph(nodes: List[Any], constants: Dict[str, Any], inputs: Dict[str, Shape], outputs: Dict[str, Shape],
          opset: int = 17, whole: bool = False) -> onnx.ModelProto:
    """A model; whole says that its inputs are whole numbers."""
    kind = TensorProto.INT64 if whole else TensorProto.FLOAT
    made = helper.make_graph(
        nodes, "test", [helper.make_tensor_value_info(name, kind, shape) for name, shape in inputs.items()],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        [numpy_helper.from_array(np.asarray(values), name) for name, values in constants.items()])
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = 8
    return model


def recurrent(kind: str, directions: int, units: int, inputs: int) -> Dict[str, np.ndarray]:
    """The weights W, R and B of a recurrent layer."""
    gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[kind]
    return {"W": numbers(directions, gates * units, inputs), "R": numbers(directions, gates * units, units),
            "B": numbers(directions, 2 * gates * units)}


def steps_of(kind: str, shape: Tuple[int, int] = (7, 3), **attributes: Any) -> onnx.ModelProto:
    """A recurrent layer whose last state counts, on steps x batch x inputs."""
    return graph([node(kind, "x W R B", "- h", hidden_size=4, **attributes), node("Squeeze", "h axes", "y")],
                 {**recurrent(kind, 1, 4, shape[1]), "axes": np.array([0])}, {"x": [shape[0], "N", shape[1]]},
                 {"y": ["N", 4]})


def bidirectional() -> onnx.ModelProto:
    """As PyTorch writes it: first states of zeros that are as many as there are samples."""
    constants = {**recurrent("GRU", 2, 5, 3), "two": np.array([2]), "units": np.array([5]), "zero": np.float32(0),
                 "one": np.array([1]), "shape": np.array([0, 0, -1])}
    return graph([node("Shape", "x", "s"), node("Gather", "s one", "n", axis=0),
                  node("Concat", "two n units", "hs", axis=0),
                  node("Expand", "zero hs", "h"),
                  node("GRU", "x W R B - h", "all last", hidden_size=5, direction="bidirectional",
                       linear_before_reset=1),
                  node("Transpose", "all", "t", perm=[0, 2, 1, 3]), node("Reshape", "t shape", "y")],
                 constants, {"x": [7, "N", 3]}, {"y": [7, "N", 10]})


def formulas() -> onnx.ModelProto:
    """LayerNormalization, Mish, RMSNormalization, hard swish and swish, each of several operators."""
    constants = {"two": np.float32(2), "e": np.float32(1e-5), "gain": numbers(6) + 1, "shift": numbers(6),
                 "w": numbers(6, 6), "w2": numbers(6, 6), "gain2": numbers(6), "three": np.float32(3),
                 "six": np.float32(6), "zero": np.float32(0)}
    return graph([
        node("MatMul", "x w", "m"), node("ReduceMean", "m", "mean", axes=[-1]), node("Sub", "m mean", "d"),
        node("Pow", "d two", "p"), node("ReduceMean", "p", "v", axes=[-1]), node("Add", "v e", "ve"),
        node("Sqrt", "ve", "s"), node("Div", "d s", "n"), node("Mul", "n gain", "ng"), node("Add", "ng shift", "layer"),
        node("Softplus", "layer", "sp"), node("Tanh", "sp", "tsp"), node("Mul", "layer tsp", "mish"),
        node("MatMul", "mish w2", "m2"), node("Mul", "m2 m2", "sq"), node("ReduceMean", "sq", "ms", axes=[-1]),
        node("Add", "ms e", "mse"), node("Sqrt", "mse", "root"), node("Reciprocal", "root", "inverse"),
        node("Mul", "m2 inverse", "rn"), node("Mul", "gain2 rn", "rms"), node("Add", "rms three", "r3"),
        node("Clip", "r3 zero six", "c"), node("Mul", "rms c", "rc"), node("Div", "rc six", "hard"),
        node("Sigmoid", "hard", "gate"), node("Mul", "hard gate", "y")],
        constants, {"x": ["N", 4, 6]}, {"y": ["N", 4, 6]})


def flattened() -> onnx.ModelProto:
    """Channels first up to a Gemm, between them an addition with a constant for each cell."""
    return graph([node("Conv", "x w b", "c", pads=[1, 0, 1, 2]), node("Relu", "c", "r"),
                  node("MaxPool", "r", "p", kernel_shape=[2, 2], strides=[2, 2]), node("Add", "p cells", "a"),
                  node("Reshape", "a shape", "f"), node("Gemm", "f w2 b2", "y", transB=1, alpha=0.5, beta=2.0)],
                 {"w": numbers(4, 2, 3, 3), "b": numbers(4), "cells": numbers(4, 3, 4), "shape": np.array([-1, 48]),
                  "w2": numbers(3, 48), "b2": numbers(3)}, {"x": ["N", 2, 6, 8]}, {"y": ["N", 3]})


def two_ends() -> onnx.ModelProto:
    """Two inputs that are concatenated, and two outputs, one of which the other is computed from."""
    return graph([node("Concat", "a b", "c", axis=2), node("MatMul", "c w", "m"), node("Tanh", "m", "y"),
                  node("ReduceMean", "y", "z", axes=[1], keepdims=0)],
                 {"w": numbers(5, 3)}, {"a": ["N", 4, 3], "b": ["N", 4, 2]}, {"y": ["N", 4, 3], "z": ["N", 3]})


def casts() -> onnx.ModelProto:
    """Whole numbers that are cast to other whole numbers, and to real ones."""
    return graph([node("Reshape", "x shape", "r"), node("Cast", "r", "i", to=TensorProto.INT32),
                  node("Cast", "i", "f", to=TensorProto.FLOAT), node("MatMul", "f w", "y")],
                 {"shape": np.array([-1, 2, 3]), "w": numbers(3, 4)}, {"x": ["N", 6]}, {"y": ["N", 2, 4]}, whole=True)


def output_shapes() -> onnx.ModelProto:
    """Transposed convolutions that leave out one row before, one column behind, and add one of each."""
    return graph([node("ConvTranspose", "x w", "a", strides=[2, 2], output_shape=[6, 7]),
                  node("ConvTranspose", "a w", "b", strides=[2, 2], output_shape=[13, 14], auto_pad="SAME_UPPER"),
                  node("ConvTranspose", "b w", "y", strides=[2, 2], output_shape=[28, 30])],
                 {"w": numbers(2, 2, 3, 3)}, {"x": ["N", 2, 3, 3]}, {"y": ["N", 2, 28, 30]})


# A name, the graph, and the network that it should become.
GRAPHS: Dict[str, Tuple[onnx.ModelProto, str]] = {
    "lstm": (steps_of("LSTM"), "Sequential<Input<7, 3>, LSTM<4>>"),
    "lstm_backwards": (steps_of("LSTM", direction="reverse"), "Sequential<Input<7, 3>, LSTM<4, GoBackwards>>"),
    "gru": (steps_of("GRU", linear_before_reset=1), "Sequential<Input<7, 3>, GRU<4>>"),
    "gru_reset_before": (steps_of("GRU"), "Sequential<Input<7, 3>, GRU<4, ResetBefore>>"),
    "rnn": (steps_of("RNN", activations=["Relu"]), "Sequential<Input<7, 3>, SimpleRNN<4, ReLU>>"),
    "bidirectional": (bidirectional(), "Sequential<Input<7, 3>, Bidirectional<GRU<5, ReturnSequences>>>"),
    "formulas": (formulas(), "Sequential<Input<4, 6>, Dense<6, NoBias>, LayerNormalization<Epsilon<1e-05>>, Mish, "
                 "Dense<6, NoBias>, RMSNormalization<Epsilon<1e-05>>, HardSiLU, SiLU>"),
    "flattened": (flattened(), "Sequential<Input<6, 8, 2>, ZeroPadding2D<1, 1, 0, 2>, Conv2D<4, ReLU>, MaxPooling2D<>, "
                  "Flatten, BatchNormalization<Epsilon<0>, NoScale>, Dense<3>>"),
    "casts": (casts(), "Sequential<Input<6>, Reshape<2, 3>, Dense<4, NoBias>>"),
    "output_shapes": (output_shapes(), "Sequential<Input<3, 3, 2>, Conv2DTranspose<2, Strides<2>, OutputPadding<0>, "
                      "NoBias>, Cropping2D<1, 0, 0, 0>, Conv2DTranspose<2, Strides<2>, OutputPadding<0>, NoBias>, "
                      "Cropping2D<0, 0, 0, 1>, Conv2DTranspose<2, Strides<2>, OutputPadding<1>, NoBias>>"),
    "blocks": (graph([node("SpaceToDepth", "x", "y", blocksize=2)], {}, {"x": ["N", 3, 4, 6]}, {"y": ["N", 12, 2, 3]}),
               "Sequential<Input<3, 4, 6>, Reshape<3, 2, 2, 3, 2>, Permute<3, 5, 1, 2, 4>, Reshape<12, 2, 3>>"),
    "softmax": (graph([node("ReduceMax", "x", "m", axes=[-1]), node("Sub", "x m", "c"), node("Exp", "c", "e"),
                       node("ReduceSum", "e axes", "s", keepdims=1), node("Div", "e s", "y")],
                      {"axes": np.array([-1])}, {"x": ["N", 3]}, {"y": ["N", 3]}), "Sequential<Input<3>, Softmax>"),
    "two_ends": (two_ends(), "Sequential<Input<20>, Reshape<20, 1>, "
                 "Concatenate<Branch<Cropping1D<0, 8>, Reshape<4, 3>>, Branch<Cropping1D<12, 0>, Reshape<4, 2>>>, "
                 "Dense<3, NoBias, Tanh>, Concatenate<Branch<Flatten>, "
                 "Branch<GlobalAveragePooling1D<>>>>"),
}
