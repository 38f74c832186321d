"""The networks as ONNX models, for the peers that only predict. Steps are images of one row, as in PyTorch."""
import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

from layers import (GRU, LSTM, Activation, BatchNormalization, Conv1D, Conv2D, Dense, DepthwiseConv2D, Dropout, Flatten,
                    GlobalAveragePooling, Pool, Residual, Rows)
from networks import channels_first

ACTIVATIONS = {"tanh": "Tanh", "relu": "Relu", "softmax": "Softmax"}


class Graph:
    """Nodes and constants, to which layers add theirs."""

    def __init__(self, parameters):
        self.tensors = iter(parameters)
        self.nodes, self.constants = [], []

    def node(self, kind, *inputs, **attributes):
        """The name of the result."""
        outputs = [f"value{len(self.nodes)}"]
        if kind in ("LSTM", "GRU"):
            outputs.insert(0, "")  # that is the state after each step
        self.nodes.append(helper.make_node(kind, inputs, outputs, **attributes))
        return outputs[-1]

    def constant(self, array):
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), f"constant{len(self.constants)}"))
        return self.constants[-1].name

    def recurrent(self, layer, x, kernel, recurrent_kernel, bias):
        """ONNX wants the gates i, o, f, c of LSTM, those of GRU as they are, and biases of both products."""
        def rows(array):
            order = (0, 1, 2) if isinstance(layer, GRU) else (0, 3, 1, 2)
            gates = np.split(array, len(order), -1)
            return np.concatenate([gates[each] for each in order], -1).T[None]

        options = {"linear_before_reset": 1} if isinstance(layer, GRU) else {}
        biases = bias if bias.ndim == 2 else [bias, np.zeros_like(bias)]
        constants = [rows(kernel), rows(recurrent_kernel), np.concatenate([rows(each) for each in biases], -1)]
        steps = self.node("Transpose", self.squeezed(x, 2), perm=[2, 0, 1])
        state = self.node(type(layer).__name__, steps, *map(self.constant, constants), hidden_size=layer.units,
                          **options)
        return self.squeezed(state, 0)

    def squeezed(self, x, axis):
        return self.node("Squeeze", x, self.constant(np.array([axis])))

    def convolution(self, layer, shape, x, constants):
        along_steps = isinstance(layer, Conv1D)
        pads = ([(0, 0)] if along_steps else []) + [layer.pads(extent) for extent in shape[:-1]]
        return self.node("Conv", x, *map(self.constant, constants),
                         kernel_shape=[1 if along_steps else layer.kernel, layer.kernel],
                         pads=[before for before, _ in pads] + [after for _, after in pads],
                         strides=[layer.strides] * 2, dilations=[1 if along_steps else layer.dilation, layer.dilation],
                         group=shape[-1] if isinstance(layer, DepthwiseConv2D) else 1)

    def applied(self, layers, shape, x):
        """The name of the result of `layers` on the value `x`."""
        flattened = None
        for layer in layers:
            given = channels_first(layer, [next(self.tensors) for _ in layer.tensors(shape)], flattened)
            if isinstance(layer, Conv2D):
                x = self.convolution(layer, shape, x, given)
            elif isinstance(layer, Dense):
                x = self.node("Gemm", x, *map(self.constant, given), transB=1)
                flattened = None
            elif isinstance(layer, BatchNormalization):
                x = self.node("BatchNormalization", x, *map(self.constant, given), epsilon=layer.epsilon)
            elif isinstance(layer, LSTM):
                x = self.recurrent(layer, x, *given)
            elif isinstance(layer, Pool):
                x = self.node("AveragePool" if layer.kind == "average" else "MaxPool", x, kernel_shape=[2, 2],
                              strides=[2, 2])
            elif isinstance(layer, GlobalAveragePooling):
                x = self.node("Flatten", self.node("GlobalAveragePool", x))
            elif isinstance(layer, Flatten):
                flattened = shape
                x = self.node("Flatten", x)
            elif isinstance(layer, Rows):
                x = self.node("Transpose", x, perm=[0, 3, 1, 2])
            elif isinstance(layer, Residual):
                x = self.node("Add", *(self.applied(each, shape, x) for each in (layer.layers, layer.shortcut)))
            elif not isinstance(layer, (Activation, Dropout)):
                raise TypeError(f"no node for {layer}")
            if getattr(layer, "activation", None):
                x = self.node(ACTIVATIONS[layer.activation], x)
            shape = layer.output(shape)
        return x


def onnx_model(network, parameters, samples):
    """A model from `images` (samples x channels x rows x columns) to `probabilities`; samples may be a name."""
    rows, columns, channels = network.input
    graph = Graph(parameters)
    graph.applied(network.layers, network.input, "images")
    graph.nodes[-1].output[0] = "probabilities"
    of_shape = [samples, channels, rows, columns]
    described = helper.make_graph(
        graph.nodes, "network", [helper.make_tensor_value_info("images", TensorProto.FLOAT, of_shape)],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [samples, 10])], graph.constants)
    model = helper.make_model(described, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    checker.check_model(model)
    return model.SerializeToString()


def channels_first_images(images):
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2))
