"""Normalizations."""
from typing import Dict, List, Optional

import numpy as np

from strata_convert.errors import ConvertError
from strata_convert.network import Node
from strata_convert.onnx.operators.table import Call, number, operator
from strata_convert.onnx.values import BATCH, Value, reshaped


def epsilon(call: Call, ours: float) -> Optional[Node]:
    """The option Epsilon, unless it is the default."""
    value = call.op.get("epsilon", 1e-5)
    return None if value == ours else Node("Epsilon", (number(value),))


@operator("BatchNormalization")
def batch_normalization(call: Call) -> Value:
    """With moving averages, over the axis 1 of ONNX."""
    x = call.x
    if call.op.get("training_mode", 0) or len([name for name in call.op.outputs if name]) > 1:
        raise ConvertError("training_mode is on; export the model for inference.")
    call.refuse(spatial=1)
    if x.rank < 2 or x.axes[1] == BATCH:
        raise ConvertError("its input has no channels.")
    gamma, beta, mean, variance = (call.constant(k, name) for k, name in
                                   enumerate(("scale", "bias", "mean", "variance"), 1))
    if any(values.shape != (x.extent(1),) for values in (gamma, beta, mean, variance)):
        raise ConvertError(f"its parameters of shape {gamma.shape} do not fit {x.extent(1)} channels.")
    momentum = call.op.get("momentum", 0.99)  # it matters to a training alone: strata's, where a file says nothing
    made = call.node("BatchNormalization", None if momentum == 0.99 else Node("Momentum", (number(momentum),)),
                     epsilon(call, 0.001))
    order = x.in_order(1)
    tensors = {"gamma": gamma[order], "beta": beta[order], "moving_mean": mean[order],
               "moving_variance": variance[order]}
    return call.like(made, call.builder.features_last(x, 1), tensors)


@operator("LayerNormalization RMSNormalization")
def of_last_axes(call: Call) -> Value:
    """Along the axes from one on, which strata has as one."""
    x = call.x
    first = x.axis(call.op.get("axis", -1))
    axes = list(range(first, x.rank))
    if any(x.axes[k] == BATCH for k in axes):
        raise ConvertError("it runs over the batch.")
    extents = [x.extent(k) for k in axes]
    rows = reshaped(call.builder, x, [*x.extents[:first], int(np.prod(extents))])
    order = rows.in_order(first)
    tensors: Dict[str, np.ndarray] = {}
    for name, index in (("gamma", 1), ("beta", 2)):
        values = call.optional(index, name)
        if values is not None:
            tensors[name] = np.broadcast_to(values, extents).reshape(-1)[order]
    placed = call.builder.features_last(rows, first)
    if call.op.kind == "RMSNormalization":
        made = call.node("RMSNormalization", epsilon(call, 1e-6))
        result = call.like(made, placed, {"scale": tensors.get("gamma", np.ones(len(order), np.float32))})
    else:
        made = call.node("LayerNormalization", epsilon(call, 0.001), None if "beta" in tensors else Node("NoCenter"),
                         None if "gamma" in tensors else Node("NoScale"))
        result = call.like(made, placed, tensors or None)
    return reshaped(call.builder, result, x.extents)


def of_groups(call: Call, x: Value, groups: int, gamma: np.ndarray, beta: np.ndarray) -> Value:
    """GroupNormalization over the axis 1 of ONNX."""
    if any(values.shape != (x.extent(1),) for values in (gamma, beta)) or x.extent(1) % groups:
        raise ConvertError(f"its parameters of shape {gamma.shape} do not fit {x.extent(1)} channels.")
    options = [None if groups == 32 else Node("Groups", (groups,)), epsilon(call, 0.001)]
    runs = [[k] for k in range(len(x.shape)) if k not in x.axes[1]]
    placed = call.builder.placed_runs(x, [*runs, list(x.axes[1])])
    if call.op.kind == "InstanceNormalization" and np.all(gamma == 1) and np.all(beta == 0):
        return call.like(call.node("GroupNormalization", *options, Node("NoCenter"), Node("NoScale")), placed)
    return call.like(call.node("GroupNormalization", *options), placed, {"gamma": gamma, "beta": beta})


@operator("GroupNormalization")
def group_normalization(call: Call) -> Value:
    """With a scale for each channel, before opset 21 for each group."""
    x, groups = call.x, int(call.op.get("num_groups", 1))
    gamma, beta = call.constant(1, "scale"), call.constant(2, "bias")
    if x.rank < 2 or x.axes[1] == BATCH or groups < 1:
        raise ConvertError("its input has no channels.")
    if call.opset < 21:
        gamma, beta = (np.repeat(values, x.extent(1) // groups) for values in (gamma, beta))
    return of_groups(call, x, groups, gamma, beta)


@operator("InstanceNormalization")
def instance_normalization(call: Call) -> Value:
    """GroupNormalization with a group for each channel; where a Reshape made groups of channels, with these."""
    x = call.x
    gamma, beta = call.constant(1, "scale"), call.constant(2, "bias")
    if x.rank < 2 or x.axes[1] == BATCH:
        raise ConvertError("its input has no channels.")
    channels = grouped_channels(x)
    if channels is None:
        return of_groups(call, x, x.extent(1), gamma, beta)
    groups = x.extent(1)
    if np.any(gamma != 1) or np.any(beta != 0):
        raise ConvertError("its scale and bias differ between groups of channels.")
    made = call.node("GroupNormalization", None if groups == 32 else Node("Groups", (groups,)), epsilon(call, 0.001),
                     Node("NoCenter"), Node("NoScale"))
    runs = [[k] for k in range(len(x.shape)) if k not in channels]
    return call.like(made, call.builder.placed_runs(x, [*runs, channels]))


def grouped_channels(x: Value) -> Optional[List[int]]:
    """The axes of the shape that are the channels, groups first, of a value whose second axis in ONNX are groups of
    channels: the channels lie last, and the groups run over the first part of them."""
    last = len(x.shape) - 1
    if x.axes[1] == (last,) or len(x.axes[1]) != 1:
        return None
    return [x.axes[1][0], last] if x.axes[1] == (last - 1,) else None
