"""Arithmetic: merges of computed values, and constants, which become part of the layer before where they can."""
from dataclasses import replace
from typing import Optional, Tuple

import numpy as np

from strata_convert.onnx.layers import Layer
from strata_convert.errors import ConvertError
from strata_convert.layers import class_name
from strata_convert.network import Node
from strata_convert.onnx.operators.merges import merged
from strata_convert.onnx.operators.table import Call, exact, number, operator
from strata_convert.onnx.values import BATCH, Value

WITH_BIAS = ("Dense", "Conv1D", "Conv2D", "Conv1DTranspose", "Conv2DTranspose", "DepthwiseConv2D")
AFFINE = ("LayerNormalization", "GroupNormalization", "BatchNormalization")


def spread(call: Call, x: Value, values: np.ndarray) -> Tuple[Value, np.ndarray]:
    """The value so placed that the constants are one number, or one for each cell of its last axis."""
    if values.ndim > x.rank and values.shape[:values.ndim - x.rank].count(1) != values.ndim - x.rank:
        raise ConvertError(f"its constant of shape {values.shape} has more axes than its input.")
    values = values.reshape((1,) * (x.rank - values.ndim) + values.shape[max(values.ndim - x.rank, 0):])
    varied = [k for k, extent in enumerate(values.shape) if extent != 1]
    if any(values.shape[k] != x.extent(k) for k in varied):
        raise ConvertError(f"its constant of shape {values.shape} does not fit an input of shape {x.extents}.")
    if x.batch_axis in varied:
        raise ConvertError(f"its constant of shape {values.shape} differs between samples.")
    if not varied:
        return x, values.reshape(())
    if len(varied) == 1:
        return call.builder.features_last(x, varied[0]), values.reshape(-1)[x.in_order(varied[0])]
    others = x.others()
    values = np.broadcast_to(values, [1 if k == x.batch_axis else x.extent(k) for k in range(x.rank)])
    by_cells = np.squeeze(values, x.batch_axis)
    runs = [k for axis, run in enumerate(x.axes) if run != BATCH for k in run]
    by_cells = by_cells.reshape([x.shape[k] for k in runs]).transpose(np.argsort(runs)).reshape(-1)
    whole = call.builder.placed_runs(x, [sorted(k for axis in others for k in x.axes[axis])])
    return whole, by_cells


def with_tensor(layer: Layer, node: Node, **more: np.ndarray) -> Layer:
    """A layer with more tensors."""
    return Layer(node, layer.inputs, layer.shape, {**layer.tensors, **more})


def without(layer: Layer, option: str) -> Node:
    """The type of a layer without an option."""
    kept = tuple(argument for argument in layer.node.args if argument != Node(option))
    return Node(layer.node.name, kept, layer.node.comment)


def absorbed(layer: Layer, factor: Optional[np.ndarray], offset: Optional[np.ndarray]) -> Optional[Layer]:
    """The layer with a factor or an offset for each channel among its parameters; None where it has no room."""
    name = class_name(layer.node)
    options = {option.name for option in layer.node.types()}
    if offset is not None and name in WITH_BIAS and "NoBias" in options:
        return with_tensor(layer, without(layer, "NoBias"), bias=offset)
    if name in AFFINE and "NoCenter" in options:
        if offset is not None:
            return with_tensor(layer, without(layer, "NoCenter"), beta=offset)
        if factor is not None and "NoScale" in options:
            return with_tensor(layer, without(layer, "NoScale"), gamma=factor)
    if name in AFFINE and factor is not None and "NoScale" in options:
        return with_tensor(layer, without(layer, "NoScale"), gamma=factor, beta=layer.tensors["beta"] * factor)
    if name == "RMSNormalization" and factor is not None and np.all(layer.tensors["scale"] == 1):
        return with_tensor(layer, layer.node, scale=factor)
    return None


def affine(call: Call, x: Value, index: int, factor: Optional[np.ndarray], offset: Optional[np.ndarray]) -> Value:
    """factor x + offset, of which one is given."""
    constant = factor if factor is not None else offset
    assert constant is not None
    placed, values = spread(call, x, constant)
    is_last = placed.layer is x.layer and call.used(call.op.inputs[index]) == 1
    if is_last:
        vector = np.broadcast_to(values, x.layer.shape[-1:])
        layer = absorbed(x.layer, None if factor is None else vector, None if offset is None else vector)
        if layer is not None:
            return replace(placed, layer=layer)
    if values.ndim == 0:
        one = number(exact(values))
        if factor is None and is_last and x.layer.node.name == "Rescaling" and len(x.layer.node.args) == 1:
            moved = call.node("Rescaling", *x.layer.node.args, one)
            return replace(x, layer=call.builder.layer(moved, x.layer.inputs))
        if one == 0 and factor is not None:
            raise ConvertError("it multiplies by zero.")
        return call.like(call.node("Rescaling", one) if factor is not None else call.node("Rescaling", 1, one), x)
    ones, zeros = np.ones_like(values), np.zeros_like(values)
    option = "NoCenter" if factor is not None else "NoScale"
    made = call.node("BatchNormalization", Node("Epsilon", (0,)), Node(option))
    tensors = {"gamma" if factor is not None else "beta": values, "moving_mean": zeros, "moving_variance": ones}
    return call.like(made, placed, tensors)


@operator("Add Sub Mul Div")
def arithmetic(call: Call) -> Value:
    """A merge of two values, or an affine function of one."""
    a, b = call.operand(0), call.operand(1)
    kind = call.op.kind
    if isinstance(a, Value) and isinstance(b, Value):
        if kind == "Div":
            raise ConvertError("a quotient of two computed values is not in strata.")
        return merged(call, {"Add": "Add", "Sub": "Subtract", "Mul": "Multiply"}[kind], [a, b])
    x, index, constant = (a, 0, b) if isinstance(a, Value) else (b, 1, a)
    if not isinstance(x, Value) or not isinstance(constant, np.ndarray):
        raise ConvertError("its inputs are not those of an arithmetic operator.")
    if kind == "Add":
        return affine(call, x, index, None, constant)
    if kind == "Mul":
        return affine(call, x, index, constant, None)
    if index == 0:
        if kind == "Sub":
            return affine(call, x, index, None, -constant)
        if np.any(constant == 0):
            raise ConvertError("it divides by zero.")
        return affine(call, x, index, 1 / constant, None)
    if kind == "Sub" and constant.size == 1:
        return call.like(call.node("Rescaling", -1, number(exact(constant.reshape(-1)[0]))), x)
    raise ConvertError("a constant less than, or divided by, a computed value is not in strata.")


@operator("Neg")
def negative(call: Call) -> Value:
    """Rescaling<-1>."""
    return call.like(call.node("Rescaling", -1))
