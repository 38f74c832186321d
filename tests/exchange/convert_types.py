"""Types of networks that strata does not have, and graphs that are none of its networks."""
import resource
import unittest

import numpy as np
from strata_convert.branches import Call, network_of
from strata_convert.errors import ConvertError
from strata_convert.graph import Graph
from strata_convert.network import Node, parse
from strata_convert.reference import evaluate


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
                      "Conv1DTranspose<2, Strides<2>, Dilation<2>>", "Conv1D<2, Kernel<2, 2>>",
                      "Concatenate<>", "Concatenate<Branch<ReLU>>", "Multiply<ReLU>"):
            with self.subTest(layer), self.assertRaises(ConvertError):
                Graph(parse(f"Sequential<Input<8, 2>, {layer}>"))

    def test_many_windows_at_once(self) -> None:
        """The reference keeps no window of a pool beside the others."""
        network = parse("Sequential<Input<20000, 2>, MaxPooling1D<Pool<2000>, Strides<1>, Same>>")
        x = np.random.default_rng(1).random((1, 20000, 2))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        self.assertGreater(evaluate(Graph(network), {}, x).min(), 0.9)
        self.assertLess(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, 100_000, "kilobytes")


if __name__ == "__main__":
    unittest.main()
