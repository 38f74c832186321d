"""ONNX files of PyTorch's exporters and graphs like theirs, against ONNX Runtime; what must not be confused."""
import unittest
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple
from unittest import mock

import numpy as np
import onnx_files
from onnx_graphs import GRAPHS
from strata_convert import cpp, model_file
from strata_convert.errors import ConvertError
from strata_convert.network import Node
from strata_convert.onnx import reader
from strata_convert.onnx.file import Op, open_graph
from strata_convert.onnx.operators import OPERATORS, activations, normalizations, recurrent, windows
from strata_convert.onnx.values import Value
from strata_convert.reference import evaluate

TOLERANCE = 1e-6  # of the largest output; ONNX Runtime computes in single precision
LENET5 = ("Sequential<Input<28, 28, 1>, Conv2D<6, Kernel<5>, Same, Tanh>, AveragePooling2D<>, "
          "Conv2D<16, Kernel<5>, Tanh>, AveragePooling2D<>, Flatten, Dense<120, Tanh>, Dense<84, Tanh>, "
          "Dense<10, Softmax>>")


def difference(exchanged: onnx_files.Exchanged) -> float:
    """How far the reference is from ONNX Runtime, as a share of the largest output."""
    model = exchanged.result.model
    steps = model.check()
    found = evaluate(steps, model.tensors, exchanged.x.reshape(-1, *steps.input))
    return float(np.max(np.abs(found.reshape(exchanged.y.shape) - exchanged.y)) / np.max(np.abs(exchanged.y)))


class Agreement(onnx_files.WithFolder):
    """The same predictions as ONNX Runtime."""

    def test_files_of_pytorch(self) -> None:
        paths = sorted(onnx_files.FILES.glob("*.onnx"))
        self.assertEqual(len(paths), 7)
        for path in paths:
            with self.subTest(path.stem):
                self.assertLess(difference(onnx_files.exchanged(path)), TOLERANCE)

    def test_lenet5_is_written_as_people_write_it(self) -> None:
        path = onnx_files.FILES / "torch_lenet5_13.onnx"
        self.assertEqual(str(reader.read(path).network), LENET5)
        code, said = self.run_command(path)
        self.assertEqual(code, 0, said)
        self.assertIn("graph's axes [0, 2, 3, 1]", said)
        header = (self.folder / "out" / "model.hpp").read_text()
        self.assertIn("graph's axes [0, 2, 3, 1]", header)
        self.assertIn("strata::Conv2D<16, strata::Kernel<5>, strata::Tanh>", header)

    def test_graphs(self) -> None:
        for name, (model, network) in GRAPHS.items():
            with self.subTest(name):
                exchanged = onnx_files.exchanged(self.save(name, model))
                self.assertEqual(str(exchanged.result.model.network), network)
                self.assertLess(difference(exchanged), TOLERANCE)


def in_one_form(tree: Node) -> str:
    """A type with the options of each layer in alphabetical order, and Kernel<3> for Kernel<3, 3>, which is the same: a
    file of strata's has what its author wrote, with all numbers."""
    if tree.name in (*cpp.BLOCKS, "Sequential", "Bidirectional"):
        parts = [in_one_form(part) for part in tree.types() if part != Node("Concat")]  # the default of Bidirectional
        return f"{tree.name}<{', '.join(parts)}>"
    numbers = [f"{float(a):g}" for a in tree.args if not isinstance(a, Node)]
    if tree.name in ("Kernel", "Strides", "Dilation", "Pool", "OutputPadding") and len(set(numbers)) == 1:
        numbers = numbers[:1]
    if tree.name == "Rescaling":
        numbers = [*numbers, "0"][:2]
    return f"{tree.name}<{', '.join(numbers + sorted(in_one_form(option) for option in tree.types()))}>"


class ReadBack(unittest.TestCase):
    """Files that strata wrote, as ONNX and as its own model file: the same type, and the same bits."""

    def test_files_of_strata(self) -> None:
        paths = sorted((onnx_files.FILES / "strata").glob("*.onnx"))
        self.assertEqual(len(paths), 17)
        for path in paths:
            with self.subTest(path.stem):
                written, _ = model_file.read(path.with_suffix(".safetensors"))
                found = reader.read(path)
                self.assertEqual(in_one_form(found.network), in_one_form(written.network))
                self.assertEqual(set(found.tensors), set(written.tensors))
                for name, values in written.tensors.items():
                    self.assertEqual(found.tensors[name].tobytes(), values.tobytes(), name)


def transposed_kernel(name: str) -> Callable[[Any], Any]:
    """The reader of an operator, with rows and columns of its kernel exchanged."""
    def read(call: Any) -> Any:
        inputs = list(call.inputs)
        inputs[1] = np.ascontiguousarray(np.swapaxes(inputs[1], -1, -2))
        return original(type(call)(call.op, inputs, call.builder, call.opset, call.used))
    original = OPERATORS[name]
    return read


def other_attribute(name: str, attribute: str, value: Any) -> Callable[[Any], Any]:
    """The reader of an operator, that takes an attribute for another one."""
    def read(call: Any) -> Any:
        op = Op(call.op.kind, call.op.name, call.op.inputs, call.op.outputs, {**call.op.attributes, attribute: value})
        return original(type(call)(op, call.inputs, call.builder, call.opset, call.used))
    original = OPERATORS[name]
    return read


def exchanged_inputs(name: str, a: int, b: int) -> Callable[[Any], Any]:
    """The reader of an operator, with two inputs exchanged."""
    def read(call: Any) -> Any:
        inputs = list(call.inputs)
        inputs[a], inputs[b] = inputs[b], inputs[a]
        return original(type(call)(call.op, inputs, call.builder, call.opset, call.used))
    original = OPERATORS[name]
    return read


def halves_exchanged(call: Any, direction: int, kernel: Any, matrix: Any, bias: Any) -> Any:
    """The biases of the input and of the state, exchanged."""
    return tensors_of(call, direction, kernel, matrix, np.roll(bias, bias.shape[1] // 2, axis=1))


def second_half_left_out(call: Any, direction: int, kernel: Any, matrix: Any, bias: Any) -> Any:
    """Without the bias of the state."""
    half = bias.shape[1] // 2
    return tensors_of(call, direction, kernel, matrix, np.concatenate([bias[:, :half], 0 * bias[:, half:]], 1))


tensors_of = recurrent.tensors_of

# What must not be confused: each of these makes another model of a file or a graph, whose predictions must differ.
MUTATIONS: List[Tuple[str, str, Callable[[], Any]]] = [
    ("rows and columns of kernels", "torch_lenet5_13",
     lambda: mock.patch.dict(OPERATORS, {"Conv": transposed_kernel("Conv")})),
    ("rows and columns of transposed kernels", "torch_mobile_13",
     lambda: mock.patch.dict(OPERATORS, {"ConvTranspose": transposed_kernel("ConvTranspose")})),
    ("the order at Flatten", "torch_lenet5_13",
     lambda: mock.patch.object(Value, "in_order", lambda value, axis: np.arange(value.extent(axis)))),
    ("pads before and behind", "flattened", lambda: mock.patch.object(
        windows, "shortest_pairs", lambda pairs: [pairs[1], pairs[0], pairs[3], pairs[2]])),
    ("Same with strides above 1", "torch_resnet_13", lambda: mock.patch.object(
        windows.Windows, "same", lambda w: (w.before, w.after))),
    ("gates f and c of an LSTM", "lstm", lambda: mock.patch.dict(recurrent.GATES, {"LSTM": [0, 3, 2, 1]})),
    ("gates of an LSTM as in ONNX", "torch_words_13", lambda: mock.patch.dict(recurrent.GATES, {"LSTM": [0, 1, 2, 3]})),
    ("gates z and r of a GRU", "gru", lambda: mock.patch.dict(recurrent.GATES, {"GRU": [1, 0, 2]})),
    ("halves of the bias of a GRU", "gru", lambda: mock.patch.object(recurrent, "tensors_of", halves_exchanged)),
    ("the second half of the bias", "lstm", lambda: mock.patch.object(recurrent, "tensors_of", second_half_left_out)),
    ("the directions", "bidirectional", lambda: mock.patch.object(
        recurrent, "tensors_of", lambda call, k, *weights: tensors_of(call, 1 - k, *weights))),
    ("the epsilon of BatchNormalization", "torch_resnet_13", lambda: mock.patch.dict(
        OPERATORS, {"BatchNormalization": other_attribute("BatchNormalization", "epsilon", 1e-3)})),
    ("mean and variance", "torch_resnet_13",
     lambda: mock.patch.dict(OPERATORS, {"BatchNormalization": exchanged_inputs("BatchNormalization", 3, 4)})),
    ("scale and bias", "torch_resnet_13",
     lambda: mock.patch.dict(OPERATORS, {"BatchNormalization": exchanged_inputs("BatchNormalization", 1, 2)})),
    ("the epsilon of GroupNormalization", "torch_mobile_13", lambda: mock.patch.object(
        normalizations, "epsilon", lambda call, ours: None)),
    ("the slope of hard sigmoid", "torch_mobile_13",
     lambda: mock.patch.dict(OPERATORS, {"HardSigmoid": other_attribute("HardSigmoid", "alpha", 0.2)})),
    ("alpha of Gemm", "flattened", lambda: mock.patch.dict(OPERATORS, {"Gemm": other_attribute("Gemm", "alpha", 1.0)})),
    ("tanh and sigmoid", "torch_lenet5_13", lambda: mock.patch.dict(activations.PLAIN, {"Tanh": "Sigmoid"})),
]


class Mutations(onnx_files.WithFolder):
    """Each deliberate mistake is seen."""

    def path(self, name: str) -> Path:
        """A file of others, or a graph."""
        return self.save(name, GRAPHS[name][0]) if name in GRAPHS else onnx_files.FILES / f"{name}.onnx"

    def test_each_is_seen(self) -> None:
        for what, name, mutation in MUTATIONS:
            with self.subTest(what):
                path = self.path(name)
                with mutation():
                    try:
                        found = difference(onnx_files.exchanged(path, 10))
                    except ConvertError:
                        continue
                self.assertFalse(found <= TOLERANCE, found)


if __name__ == "__main__":
    unittest.main()
