"""ONNX files that are refused: what strata has no layer for, what is damaged, and what asks for too much."""
import unittest
from typing import Any, Dict, Tuple

import numpy as np
import onnx
import onnx_files
from onnx_graphs import graph, node, numbers
from strata_convert.errors import ConvertError
from strata_convert.onnx import reader
from strata_convert.onnx.file import open_graph


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


class Refusals(onnx_files.WithFolder):
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
        constants.update(two=np.int64(2), table=np.arange(6), zero=np.int64(0))
        before = {"plain": node("Identity", "x", "a"), "sum": node("Add", "x two", "a"),
                  "product": node("Mul", "two x", "a"), "table": node("Gather", "table x", "a"),
                  "maximum": node("Max", "x two", "a"), "rows": node("Concat", "x x", "a", axis=1)}
        for name, first in before.items():
            with self.subTest(name):
                nodes = [first, node("Div", "a two", "q"), node("Cast", "q", "y", to=real)]
                model = graph(nodes, constants, {"x": ["N", 6]}, {"y": []}, whole=True)
                self.assertIn("it divides whole numbers", self.refused("quotient", model))
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
        axes = [node("Shape", "x", "s"), node("Expand", "zero s", "c"), node("Slice", "x one one c", "y")]
        files["axes"] = (graph(axes, {"zero": np.int64(0), "one": np.array([1])}, {"x": ["N", 3]}, {"y": []}),
                         "too large")
        files["zeros"] = (graph(axes[2:], {"c": np.zeros(2000, int), "one": np.array([1])}, {"x": ["N", 3]}, {"y": []}),
                          "one for an axis")
        files["folded"] = (graph([node("Add", "a b", "c"), node("Add", "x c", "y")],
                                 {"a": numbers(20000, 1), "b": numbers(1, 20000)}, {"x": ["N", 3]}, {"y": []}), "Add")
        files["shapes"] = (graph([node("Add", "a b", "c"), node("Add", "x c", "y")], {"a": numbers(2), "b": numbers(6)},
                                 {"x": ["N", 6]}, {"y": []}), "do not fit together")
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

    def test_names_that_are_no_text(self) -> None:
        path = self.folder / "names.onnx"
        model = graph([node("Softplus", "x", "y")], {}, {"x": ["N", 3]}, {"y": []})
        path.write_bytes(model.SerializeToString().replace(b"Softplus", b"Soft\xeelus"))
        with self.assertRaisesRegex(ConvertError, "no layer for it"):
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
