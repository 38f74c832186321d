"""Types of networks that strata does not have, and graphs that are none of its networks."""
import re
import resource
import tempfile
import unittest
from pathlib import Path

import numpy as np
from strata_convert import output
from strata_convert.branches import Call, network_of
from strata_convert.errors import ConvertError
from strata_convert.graph import Graph
from strata_convert.keras.writer import keras_bytes
from strata_convert.layers.table import OF_TRAINING
from strata_convert.model import Model
from strata_convert.network import Node, parse
from strata_convert.reference import evaluate
from strata_convert.torch.writer import to_torch


class Types(unittest.TestCase):
    """Each is refused, whatever names it."""

    def test_merge_of_one_value(self) -> None:
        """It is that value, as in Keras."""
        for name in ("Concatenate", "Add"):
            calls = [Call(Node("ReLU"), (0,), 1, "a"), Call(Node(name, ()), (1,), 2, "b"),
                     Call(Node("Tanh"), (2,), 3, "c")]
            self.assertEqual(str(network_of((3,), calls, 0, 3)), "Sequential<Input<3>, ReLU, Tanh>")

    def test_layer_beside_the_network(self) -> None:
        with self.assertRaisesRegex(ConvertError, "does not follow"):
            network_of((3,), [Call(Node("ReLU"), (7,), 8, "a")], 0, 8)

    def test_networks_that_are_none(self) -> None:
        for layer in (f"Dense<{'1' * 5000}>", "Dense<inf>", "Conv1D<2, Strides<0>>", "Conv1D<2, Groups<0>>",
                      "MaxPooling1D<Strides<0>>", "TimeDistributed<>", "CrossAttention<>", "Reshape<-4, -4>",
                      "Rescaling<>", "Rescaling<0>", "Rescaling<1, inf>", "ELU::With<Alpha<>>",
                      "Dense<2, ELU::With<Alpha>>", "Dense<3, GLU>", "ReLU, Embedding<5, 2>", "LSTM<4, GLU>",
                      "TimeDistributed<Embedding<5, 2>>",
                      "GRU<4, RecurrentActivation<GLU>>",
                      f"ELU::With<Alpha<{'1' * 350}>>", "Cropping1D<-1>", "ZeroPadding1D<2, -1>", "Dropout<1e999>",
                      "Dropout<1>", "GaussianNoise<-1>", "Residual<Shortcut<>, Shortcut<>>", "Dense<2.5>",
                      "Conv1D<2, Kernel<1.5>>", "GRU<2, RecurrentActivation<>>", "MaxPooling1D<Pool<-1>, Same>",
                      "MaxPooling1D<Pool<300000000>, Same>", "AveragePooling1D<Pool<300000000>, Strides<1>, Same>",
                      "Conv1D<2, Dilation<100000000>, Same>", "Conv1D<2, Dilation<100000000>, Causal>",
                      "Conv1DTranspose<2, Dilation<100000000>, Same>", "ELU::With<Alpha<0>>",
                      "Dense<2, CELU::With<Alpha<0.0>>>", "BatchNormalization<Momentum<1.5>>",
                      "MultiHeadAttention<1, 2, AttentionDropout<1>>", "Conv1D<2, Strides<2>, Dilation<2>>",
                      "Conv1DTranspose<2, Strides<2>, Dilation<2>>", "Conv1D<2, Kernel<2, 3>>",
                      "MaxPooling1D<Pool<2, 2, 2>>",
                      "Concatenate<>", "Concatenate<Branch<ReLU>>", "Multiply<ReLU>", "RBF<0>",
                      "ScaledTanh::With<Beta<0>>", "Conv1D<16, Connections<lenet5_connections>>",
                      "Dense<6>, Conv1D<16, Connections<mine>>", "Dense<6>, Conv1D<16, Connections<>>",
                      "Reshape<2, 2, 4>, Subsampling2D<Pool<3>>"):
            with self.subTest(layer), self.assertRaises(ConvertError):
                Graph(parse(f"Sequential<Input<8, 2>, {layer}>"))

    def test_one_number_for_all_axes(self) -> None:
        """The library writes it twice."""
        for one, two in (("Conv1D<2, Kernel<3>, Dilation<2>>", "Conv1D<2, Kernel<3, 3>, Dilation<2, 2>>"),
                         ("MaxPooling1D<Pool<2>, Strides<3>>", "MaxPooling1D<Pool<2, 2>, Strides<3, 3>>")):
            first, second = (Graph(parse(f"Sequential<Input<8, 2>, {layer}>")) for layer in (one, two))
            self.assertEqual((first.tensors(), first.output), (second.tensors(), second.output))

    def test_unknown_names_are_told_at_once(self) -> None:
        """Types of the program's own, but for those that matter to training alone."""
        network = "Sequential<Input<8, 2>, Mine, Residual<Dense<2, Steep, KernelInitializer<Start>, Sparse<3>>>, " \
                  "Frozen<Mine>>"
        with self.assertRaisesRegex(ConvertError, 'does not know "Mine", "Steep", "Sparse" of the network'):
            Graph(parse(network))

    def test_own_initializers_are_left_out(self) -> None:
        """Of a program's own are those that strata does not have: model.hpp would not compile with them."""
        kept = "KernelInitializer<STFTInitializer<STFTSide::imag>>, BiasInitializer<TruncatedNormal::With<Stddev<0.02>>>"
        network = f"Sequential<Input<3>, Frozen<Dense<4, {kept}>>, Dense<1, KernelInitializer<Start<1>>, " \
                  "BiasInitializer<MyInitializer<Even>>, BiasRegularizer<Sparse>, " \
                  "KernelConstraint<MaxNorm<3, Axis<0>>>>>"
        model = Model(parse(network), {})
        model.tensors = {name: np.ones(shape) for name, shape in Graph(model.network).tensors().items()}
        with tempfile.TemporaryDirectory() as folder:
            header, weights = (path.read_text("latin-1") for path in output.write(model, folder))
        self.assertIn(kept, header.replace("strata::", ""))
        self.assertIn("strata::Dense<1, strata::KernelConstraint<strata::MaxNorm<3, strata::Axis<0>>>>>;", header)
        self.assertIn(str(model.network), weights)
        said = "is left out of the type: strata does not have it, and it matters to training alone."
        own = ["KernelInitializer<Start<1>>", "BiasInitializer<MyInitializer<Even>>", "BiasRegularizer<Sparse>"]
        self.assertEqual(model.notes, [f'"{option}" {said}' for option in own])

    def test_initializers_that_strata_has(self) -> None:
        """The table has the names that the headers have, but for settings."""
        include = Path(__file__).resolve().parents[2] / "include" / "strata"
        headers = [path.read_text() for folder in ("initializers", "regularizers", "constraints")
                   for path in (include / folder).glob("*.hpp") if path.name != "options.hpp"]
        users, enumerations = ({name for text in headers for name in re.findall(pattern, text)}
                               for pattern in (r"using authoring::(\w+)", r"enum class (\w+)"))
        self.assertEqual(users - enumerations - {"Axis"}, OF_TRAINING)

    def test_layers_of_1998(self) -> None:
        """LeNet-5's: sums of windows, a table of connections, distances; Keras and PyTorch have none of them."""
        text = "Sequential<Input<6, 2, 6>, Subsampling2D<Pool<3, 2>, ScaledTanh::With<Alpha<2>, Beta<0.5>>>, " \
               "Conv2D<16, Kernel<1>, ScaledTanh, Connections<lenet5_connections>>, RBF<2>>"
        graph = Graph(parse(text))
        r = np.random.default_rng(1)
        t = {name: r.normal(size=shape) for name, shape in graph.tensors().items()}
        x = r.normal(size=(3, 6, 2, 6))
        sums = x.reshape(3, 2, 3, 2, 6).sum(axis=(2, 3))
        maps = 2 * np.tanh(0.5 * (sums * t["subsampling2d/kernel"] + t["subsampling2d/bias"]))
        kernel, rest = np.zeros((6, 16)), iter(t["conv2d/kernel"][0, 0])
        for channel in range(6):  # C3 sees three neighbours, four, two times two, and all: table I of the paper
            for at in range(16):
                seen = [*([(at + k) % 6 for k in range(3)] for _ in range(at < 6)),
                        *([(at + k) % 6 for k in range(4)] for _ in range(6 <= at < 12)),
                        *([(at + k) % 6 for k in (0, 1, 3, 4)] for _ in range(12 <= at < 15)), [*range(6)]][0]
                kernel[channel, at] = next(rest) if channel in seen else 0
        y = 1.7159 * np.tanh(2 / 3 * (maps @ kernel + t["conv2d/bias"]))
        expected = ((y[..., None, :] - t["rbf/centers"])**2).sum(axis=-1)
        np.testing.assert_allclose(evaluate(graph, t, x)[:, :, 0], expected, rtol=1e-12)
        model = Model(parse(text), t)
        for write, said in ((lambda: keras_bytes(model), ("activation ScaledTanh", "no layer Subsampling2D",
                                                          "no Connections<lenet5_connections>", "no layer RBF")),
                            (lambda: to_torch(model, "a", "b"), ("module for Subsampling2D", "no Connections<",
                                                                 "module for RBF"))):
            with self.assertRaises(ConvertError) as error:
                write()
            for part in said:
                self.assertIn(part, str(error.exception))

    def test_many_windows_at_once(self) -> None:
        """The reference keeps no window of a pool beside the others."""
        network = parse("Sequential<Input<20000, 2>, MaxPooling1D<Pool<2000>, Strides<1>, Same>>")
        x = np.random.default_rng(1).random((1, 20000, 2))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        self.assertGreater(evaluate(Graph(network), {}, x).min(), 0.9)
        self.assertLess(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, 100_000, "kilobytes")


if __name__ == "__main__":
    unittest.main()
