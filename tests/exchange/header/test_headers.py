"""What `strata-convert header` does before any compiler sees its work."""
import contextlib
import io
import tempfile
import unittest
from pathlib import Path
from typing import Tuple

import numpy as np
from models import MODELS, random_model
from strata_convert import cli, model_file, packing
from strata_convert.graph import Graph
from strata_convert.literals import float_literal, string_line
from strata_convert.model import Model

# Layers, and the axes of their kernels that outputs have.
KERNELS = {
    "Sequential<Input<6>, Dense<4>>": {"dense/kernel": (1,)},
    "Sequential<Input<5, 5, 2>, Conv2D<4, Kernel<3, 2>>>": {"conv2d/kernel": (3,)},
    "Sequential<Input<5, 5, 2>, Conv2DTranspose<4, Kernel<3, 2>>>": {"conv2d_transpose/kernel": (2,)},
    "Sequential<Input<5, 5, 3>, DepthwiseConv2D<DepthMultiplier<2>>>": {"depthwise_conv2d/kernel": (2, 3)},
    "Sequential<Input<5, 5, 3>, SeparableConv2D<4>>": {"separable_conv2d/depthwise_kernel": (2, 3),
                                                       "separable_conv2d/pointwise_kernel": (3,)},
    "Sequential<Input<4, 6>, MultiHeadAttention<2, 3>>": {"multi_head_attention/query/kernel": (1, 2),
                                                          "multi_head_attention/attention_output/kernel": (2,)},
    "Sequential<Input<4, 3>, LSTM<2>>": {"lstm/kernel": (1,), "lstm/recurrent_kernel": (1,)},
}


class Headers(unittest.TestCase):
    """The command, and its numbers."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.source = self.folder / "words.safetensors"
        model_file.write(random_model(MODELS["words"]), self.source)

    def command(self, *arguments: object) -> Tuple[int, str]:
        """What the command says, and returns."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            status = cli.main(["header", *(str(argument) for argument in arguments)])
        return status, said.getvalue()

    def test_each_output_has_a_scale_of_its_own(self) -> None:
        """Outputs a thousand times as large do not cost the others their digits."""
        for text, kernels in KERNELS.items():
            model = random_model(text)
            for name, axes in kernels.items():
                values = model.tensors[name]
                outputs = [values.shape[axis] if axis in axes else 1 for axis in range(values.ndim)]
                model.tensors[name] = values * np.logspace(0, 5, int(np.prod(outputs))).astype("f4").reshape(outputs)
            packed = packing.pack_all(model, Graph(model.network), "int8")
            for name, axes in kernels.items():
                values = model.tensors[name].astype(np.float64)
                others = tuple(axis for axis in range(values.ndim) if axis not in axes)
                steps = np.abs(values).max(axis=others, keepdims=True) / 127
                error = np.abs(packed[name].values.reshape(values.shape) - values)
                self.assertTrue((error <= 0.501 * steps).all(), name)
                self.assertEqual(packed[name].scales.size, steps.size)
            self.assertEqual({tensor.form for name, tensor in packed.items() if name not in kernels} - {"int8"},
                             {"float32"})

    def test_bfloat16_is_rounded_to_nearest_even(self) -> None:
        bits = np.array([0x3F808000, 0x3F818000, 0x3F808001, 0xBF807FFF], "<u4")
        self.assertEqual(packing.pack(bits.view("<f4"), "bfloat16").values.view("<u4").tolist(),
                         [0x3F800000, 0x3F820000, 0x3F810000, 0xBF800000])

    def test_literals_are_exact(self) -> None:
        for value in np.array([1, 1.0625, -0.1, 1e-45, 3.4028235e38, -0.0, 0], np.float32).astype(float):
            self.assertEqual(str(float.fromhex(float_literal(value).rstrip("f"))), str(value))
        self.assertEqual(string_line(b'a"\\?\x01' + b'7\xff7\x008'), r'"a\"\\\?\1\67\3777\08"')

    def test_costs_are_told(self) -> None:
        status, said = self.command(self.source, "-o", self.folder / "words.hpp", "--weights", "int8")
        self.assertEqual(status, 0, said)
        self.assertRegex(said, r"words\.hpp: 117 values as int8, \d+ bytes\n.*self-test.*deviation.*\n.*256 random")
        self.assertNotIn("The largest output", said)
        model = random_model(MODELS["blocks"])
        graph = Graph(model.network)
        other = Model(model.network, {**model.tensors, "dense/bias": np.array([9, 0, 0])})
        told = packing.cost_of_packing(model, graph, other, np.zeros(graph.input))
        same = float(told[2].split(" for ")[1].split(" %")[0])
        choices = packing.outputs_of(model, graph, np.random.default_rng(0).random((256, *graph.input))).argmax(axis=1)
        self.assertAlmostEqual(same, 100 * np.mean(choices == 0), delta=0.06)

    def test_errors_are_sentences_and_write_nothing(self) -> None:
        nan = random_model(MODELS["words"])
        nan.tensors["gru/kernel"][0, 0] = np.inf
        with self.assertRaisesRegex(Exception, "gru/kernel.*finite"):
            packing.pack_all(nan, Graph(nan.network), "float32")
        large = random_model(MODELS["words"])
        large.tensors["gru/kernel"][0, 0] = 3.4e38
        for form in ("float32", "int8"):
            self.assertTrue(packing.pack_all(large, Graph(large.network), form))
        with self.assertRaisesRegex(Exception, "gru/kernel.*too large for bfloat16"):
            packing.pack_all(large, Graph(large.network), "bfloat16")
        (self.folder / "no_model").write_bytes(b"nothing")
        for arguments, sentence in (((self.source, "--name", "class"), "no name of a namespace"),
                                    ((self.source, "--name", "a-b"), "no name of a namespace"),
                                    ((self.source, "-o", self.folder / "words.txt"), "no name of a header"),
                                    ((self.folder / "no_model", "-o", self.folder / "a.hpp"), "no safetensors file"),
                                    ((self.folder / "none", "-o", self.folder / "a.hpp"), "none"),
                                    ((self.source, "-o", self.folder / "none" / "a.hpp"), "cannot be written")):
            status, said = self.command(*arguments)
            self.assertEqual(status, 1, said)
            self.assertIn(sentence, said)
            self.assertNotIn("Traceback", said)
        self.assertEqual({path.name for path in self.folder.iterdir()}, {"words.safetensors", "no_model"})


if __name__ == "__main__":
    unittest.main()
