"""The networks as ONNX models, for the peers that only predict."""
import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

from networks import Conv, Dense, Flatten, Pool, channels_first, shapes

ACTIVATIONS = {"tanh": "Tanh", "relu": "Relu", "softmax": "Softmax"}


def onnx_model(network, parameters, samples):
    """A model from `images` (samples x channels x rows x columns) to `probabilities`; samples may be a name."""
    rows, columns, channels = network.input
    remaining = iter(channels_first(network, parameters))
    nodes, constants = [], []
    value = "images"

    def then(kind, *more, **attributes):
        nonlocal value
        result = f"value{len(nodes)}"
        nodes.append(helper.make_node(kind, [value, *more], [result], **attributes))
        value = result

    def constant():
        constants.append(numpy_helper.from_array(next(remaining), f"constant{len(constants)}"))
        return constants[-1].name

    for layer, _ in shapes(network):
        if isinstance(layer, Conv):
            border = layer.kernel // 2 if layer.padding == "same" else 0
            then("Conv", constant(), constant(), kernel_shape=[layer.kernel] * 2, pads=[border] * 4)
        elif isinstance(layer, Pool):
            then("AveragePool" if layer.kind == "average" else "MaxPool", kernel_shape=[2, 2], strides=[2, 2])
        elif isinstance(layer, Flatten):
            then("Flatten")
        elif isinstance(layer, Dense):
            then("Gemm", constant(), constant(), transB=1)
        if getattr(layer, "activation", None):
            then(ACTIVATIONS[layer.activation])
    nodes[-1].output[0] = "probabilities"
    of_shape = [samples, channels, rows, columns]
    graph = helper.make_graph(
        nodes, "network", [helper.make_tensor_value_info("images", TensorProto.FLOAT, of_shape)],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [samples, 10])], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    checker.check_model(model)
    return model.SerializeToString()


def channels_first_images(images):
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2))
