"""ONNX files of PyTorch's exporters and graphs like theirs, against ONNX Runtime; what is refused; what must not be
confused."""
import contextlib
import io
import tempfile
import unittest
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple
from unittest import mock

import numpy as np
import onnx
import onnx_files
from onnx_graphs import GRAPHS, graph, node, numbers
from strata_convert import cli, cpp, model_file
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


class WithFolder(unittest.TestCase):
    """Tests with a folder of their own."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def save(self, name: str, model: onnx.ModelProto) -> Path:
        """The model as a file."""
        path = self.folder / f"{name}.onnx"
        path.write_bytes(model.SerializeToString())
        return path

    def run_command(self, path: Path) -> Tuple[int, str]:
        """strata-convert on a file: its exit code, and what it says."""
        said = io.StringIO()
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            code = cli.main([str(path), "-o", str(self.folder / "out")])
        return code, said.getvalue()

    def refused(self, name: str, model: onnx.ModelProto) -> str:
        """What is said of a file that is refused; nothing is written."""
        code, said = self.run_command(self.save(name, model))
        self.assertEqual(code, 1, said)
        self.assertFalse((self.folder / "out").exists())
        return said


class Agreement(WithFolder):
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


class Mutations(WithFolder):
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


def one_of_each() -> onnx.ModelProto:
    """A graph of what strata has no layer for, or not in this form: each operator reads the input."""
    weights: Dict[str, Any] = {
        "w3": numbers(2, 3, 1, 1, 1), "w": numbers(4, 3, 3, 3), "wt": numbers(3, 1, 2, 2), "lens": np.array([1, 2, 3]),
        "W": numbers(1, 16, 8), "R": numbers(1, 16, 4), "B": numbers(1, 32), "P": numbers(1, 12), "roi": np.array([0]),
        "scales": np.array([1, 1, 1.5, 1.5], np.float32), "k": np.array([1]), "rows": numbers(8, 8),
        "starts": np.array([0]), "ends": np.array([8]), "axes": np.array([2]), "steps": np.array([2]),
        "pads": np.array([0, 0, 1, 1, 0, 0, 1, 1]), "perm": numbers(1), "training": np.array(True),
        "half": np.float32(0.5), "gain": numbers(3), "one": np.ones(3, np.float32)}
    nodes = [
        node("LRN", "x", "o1", size=3), node("Sin", "x", "o2"), node("NonZero", "x", "o3"), node("CumSum", "x k", "o4"),
        node("Conv", "x w", "o5", strides=[2, 2], dilations=[2, 2]), node("ConvTranspose", "x wt", "o6", group=3),
        node("MaxPool", "x", "o7", kernel_shape=[3, 3], pads=[2, 2, 2, 2]),
        node("AveragePool", "x", "o8", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1),
        node("MaxPool", "x", "o9 i9", kernel_shape=[2, 2]), node("TopK", "x k", "o10 i10"),
        node("Resize", "x - scales", "o11", mode="nearest"), node("Slice", "x starts ends axes steps", "o12"),
        node("Pad", "x pads", "o13", mode="reflect"), node("Dropout", "x half training", "o14"),
        node("BatchNormalization", "x gain one one one", "o15 m15 v15", training_mode=1),
        node("ReduceSum", "x", "o16"), node("MatMul", "x x", "o17"), node("Div", "x x", "o18"),
        node("Einsum", "x", "o19", equation="nchw->nhwc"), node("Softmax", "x", "o20", axis=0),
        node("Reshape", "x roi", "o21"), node("Flatten", "x", "o22", axis=2),
        node("Hardmax", "x", "o23"), node("DFT", "x", "o24"), node("QuantizeLinear", "x half", "o25"),
        node("ReduceMean", "x", "o26", axes=[0])]
    outputs = {name: [] for made in nodes for name in made.output if name[0] in "om"}
    return graph(nodes, weights, {"x": ["N", 3, 8, 8]}, outputs)


class Refusals(WithFolder):
    """What strata has no layer for, and files that ask for too much."""

    def test_all_offenders_at_once(self) -> None:
        said = self.refused("offenders", one_of_each())
        for made in one_of_each().graph.node:
            self.assertIn(f'{made.op_type} "{made.output[0]}"', said)

    def test_bounds_that_are_not_tried(self) -> None:
        """Functions that are another one's equals on small numbers, or on large ones."""
        constants = {"zero": np.float32(0), "high": np.float32(100), "low": np.float32(0.003)}
        for name, nodes in {"high": [node("Max", "x zero", "a"), node("Min", "a high", "y")],
                            "low": [node("Greater", "x low", "a"), node("Where", "a x zero", "y")]}.items():
            self.assertIn("cannot be written", self.refused(name, graph(nodes, constants, {"x": ["N", 4]}, {"y": []})))

    def test_casts_that_round(self) -> None:
        """Unless the input is whole numbers, or is read by an Embedding alone."""
        whole, real = onnx.TensorProto.INT64, onnx.TensorProto.FLOAT
        constants = {"w": numbers(6, 3), "shape": np.array([-1, 2, 3])}
        cast = [node("Cast", "x", "i", to=whole), node("Cast", "i", "f", to=real)]
        product = [*cast, node("MatMul", "f w", "y")]
        for name, nodes in {
                "whole": product, "embedding and product": [*product, node("Gather", "w i", "e")],
                "bool": [node("Cast", "x", "i", to=onnx.TensorProto.BOOL), *product[1:]],
                "reshaped": [node("Reshape", "x shape", "r"), node("Cast", "r", "i", to=whole),
                             node("Cast", "i", "y", to=real)],
                "unknown": [node("Cast", "x", "y", to=999)]}.items():
            with self.subTest(name):
                outputs = {key: [] for key in ("y", "e") if any(key in made.output for made in nodes)}
                model = graph(nodes, constants, {"x": ["N", 6]}, outputs)
                self.assertIn("rounds to whole numbers", self.refused("cast", model))
        model = graph([node("Cast", "x", "i", to=onnx.TensorProto.BOOL), *product[1:]], constants, {"x": ["N", 6]},
                      {"y": []}, whole=True)
        self.assertIn("rounds to whole numbers", self.refused("cast", model))

    def test_small_constants_of_rows(self) -> None:
        """Added to a sum of exponentials, or the least length of a vector: they matter to small sums alone."""
        sums = [node("Exp", "x", "e"), node("ReduceSum", "e axes", "s", keepdims=1)]
        for name, nodes in {
                "Softmax": [*sums, node("Add", "s small", "d"), node("Div", "e d", "y")],
                "LogSoftmax": [*sums, node("Div", "e s", "p"), node("Add", "p small", "d"), node("Log", "d", "y")],
                "UnitNormalization": [node("ReduceL2", "x", "n", axes=[-1]), node("Max", "n small", "d"),
                                      node("Div", "x d", "y")]}.items():
            with self.subTest(name):
                model = graph(nodes, {"axes": np.array([-1]), "small": np.float32(1e-6)}, {"x": ["N", 6]}, {"y": []})
                self.assertIn("cannot be written", self.refused("rows", model))

    def test_transposed_convolutions(self) -> None:
        """Outputs that windows do not reach: ONNX's reference and ONNX Runtime differ."""
        for name, options in {"lower": {"auto_pad": "SAME_LOWER"},
                              "upper": {"auto_pad": "SAME_UPPER", "output_shape": [15]},
                              "two": {"output_shape": [16]}}.items():
            with self.subTest(name):
                made = node("ConvTranspose", "x w", "y", strides=[3], **options)
                model = graph([made], {"w": numbers(3, 4, 2)}, {"x": ["N", 3, 5]}, {"y": []})
                self.assertIn("cover less than its output", self.refused("transposed", model))

    def test_recurrent_layers(self) -> None:
        weights = {"W": numbers(1, 16, 3), "R": numbers(1, 16, 4), "B": numbers(1, 32), "P": numbers(1, 12),
                   "lens": np.array([1, 2], np.int32), "state": numbers(1, 2, 4)}
        cases = {"sequence_lens": node("LSTM", "x W R B lens", "y", hidden_size=4),
                 "initial_h": node("LSTM", "x W R B - state", "y", hidden_size=4),
                 "peepholes": node("LSTM", "x W R B - - - P", "y", hidden_size=4),
                 "cell state": node("LSTM", "x W R B", "- - y", hidden_size=4),
                 "clip": node("LSTM", "x W R B", "y", hidden_size=4, clip=1.0),
                 "backwards": node("LSTM", "x W R B", "y", hidden_size=4, direction="reverse"),
                 "Elu": node("LSTM", "x W R B", "y", hidden_size=4, activations=["Sigmoid", "Elu", "Elu"])}
        for what, made in cases.items():
            with self.subTest(what):
                self.assertIn(what, self.refused("lstm", graph([made], weights, {"x": [5, 2, 3]}, {"y": []})))

    def test_shared_layers(self) -> None:
        nodes = [node("MatMul", "x a", "p"), node("MatMul", "x b", "q"), node("Add", "p q", "r"),
                 node("Add", "r p", "y")]
        model = graph(nodes, {"a": numbers(3, 3), "b": numbers(3, 3)}, {"x": ["N", 3]}, {"y": ["N", 3]})
        self.assertIn("several branches", self.refused("shared", model))

    def hostile(self) -> Dict[str, Tuple[onnx.ModelProto, str]]:
        """Files that want more than they hold, or something outside of their folder."""
        files = {}
        for name, place in (("outside", "../secret"), ("absolute", "/etc/passwd"), ("linked", "link"),
                            ("short", "few")):
            model = graph([node("MatMul", "x w", "y")], {"w": numbers(3, 3)}, {"x": ["N", 3]}, {"y": ["N", 3]})
            tensor = model.graph.initializer[0]
            tensor.ClearField("raw_data")
            tensor.data_location = onnx.TensorProto.EXTERNAL
            tensor.external_data.add(key="location", value=place)
            files[name] = (model, "does not hold" if name == "short" else "outside of the model's folder")
        huge = np.array([2**40, 2**20])
        files["constant"] = (graph([node("ConstantOfShape", "s", "c"), node("Add", "x c", "y")], {"s": huge},
                                   {"x": ["N", 3]}, {"y": []}), "does not fit")
        files["tile"] = (graph([node("Tile", "x s", "y")], {"s": np.array([1, 2**40, 1])}, {"x": ["N", 1, 3]},
                               {"y": []}), "not possible")
        files["padding"] = (graph([node("Pad", "x s", "y")], {"s": np.array([0, 0, 0, 2**40])}, {"x": ["N", 3]},
                                  {"y": []}), "not possible")
        files["input"] = (graph([node("Relu", "x", "y")], {}, {"x": ["N", 2**40]}, {"y": []}), "extent")
        claims = graph([node("MatMul", "x w", "y")], {"w": numbers(3, 3)}, {"x": ["N", 3]}, {"y": []})
        claims.graph.initializer[0].dims[:] = [2**31, 2**31]
        files["claims"] = (claims, "too large")
        lies = graph([node("MatMul", "x w", "y")], {"w": numbers(3, 3)}, {"x": ["N", 3]}, {"y": []})
        lies.graph.initializer[0].dims[:] = [300, 300]
        files["lies"] = (lies, "damaged")
        files["folded"] = (graph([node("Add", "a b", "c"), node("Add", "x c", "y")],
                                 {"a": numbers(20000, 1), "b": numbers(1, 20000)}, {"x": ["N", 3]}, {"y": []}), "Add")
        files["cycle"] = (graph([node("Add", "x b", "a"), node("Add", "x a", "b"), node("Relu", "b", "y")], {},
                                {"x": ["N", 3]}, {"y": []}), "comes from nowhere")
        deep = [node("Identity", "x" if k == 0 else f"v{k - 1}", f"v{k}") for k in range(5000)]
        files["deep"] = (graph([*deep, node("Mul", "x v4999", "m"), node("Sin", "m", "y")], {}, {"x": ["N", 3]},
                               {"y": []}), "Sin")
        names = ["x", *(f"r{k}" for k in range(1500))]  # each layer in a branch of the one before
        nested = [node("Relu", before, name) for before, name in zip(names, names[1:])]
        for k in range(1500):
            nested.append(node("Add", f"{f'a{k - 1}' if k else names[-1]} {names[-2 - k]}", f"a{k}"))
        files["nested"] = (graph(nested, {}, {"x": ["N", 3]}, {"a1499": []}), "branches")
        return files

    def test_hostile_files(self) -> None:
        (self.folder / "few").write_bytes(b"1234")
        (self.folder / "link").symlink_to("/etc/passwd")
        for name, (model, sentence) in self.hostile().items():
            with self.subTest(name):
                self.assertIn(sentence, self.refused(name, model))

    def test_what_is_no_onnx_file(self) -> None:
        path = self.folder / "garbage.onnx"
        for content in (b"", b"not protobuf at all", b"\x08\x07" + b"\xff" * 40):
            path.write_bytes(content)
            with self.assertRaises(ConvertError):
                reader.convert(open_graph(path))

    def test_versions_and_domains(self) -> None:
        model = graph([node("Relu", "x", "y")], {}, {"x": ["N", 3]}, {"y": []})
        model.opset_import[0].version = 99
        model.graph.node[0].domain = "com.example"
        said = self.refused("version", model)
        self.assertIn("opset 99", said)
        self.assertIn("com.example", said)
        model.opset_import[0].version = -2**40
        model.graph.node[0].domain = ""
        self.assertIn("opset -1099511627776", self.refused("version", model))

    def test_data_beside_the_file(self) -> None:
        model = graph([node("MatMul", "x w", "y")], {"w": numbers(3, 3)}, {"x": ["N", 3]}, {"y": []})
        tensor = model.graph.initializer[0]
        (self.folder / "weights").write_bytes(b"12345678" + tensor.raw_data)
        expected = onnx.numpy_helper.to_array(tensor)
        tensor.ClearField("raw_data")
        tensor.data_location = onnx.TensorProto.EXTERNAL
        for key, value in (("location", "weights"), ("offset", "8"), ("length", "36")):
            tensor.external_data.add(key=key, value=value)
        found = reader.read(self.save("beside", model))
        np.testing.assert_array_equal(found.tensors["dense/kernel"], expected)


if __name__ == "__main__":
    unittest.main()
