"""Operators on several computed values: strata's merges, of branches that end in one shape."""
import math
from typing import List

from strata_convert.errors import ConvertError
from strata_convert.onnx.operators.table import Call, operator, with_shape
from strata_convert.onnx.values import BATCH, Value


def aligned(call: Call, values: List[Value]) -> List[Value]:
    """The values with as many axes of ONNX, by axes of extent 1 before the others."""
    rank = max(value.rank for value in values)
    found = [with_shape(value, value.shape, [*((),) * (rank - value.rank), *value.axes], value.layer)
             for value in values]
    if len({value.batch_axis for value in found}) != 1:
        raise ConvertError("its inputs have the batch at different axes.")
    return found


def merged(call: Call, name: str, values: List[Value]) -> Value:
    """A merge cell by cell. The values may be in any layout; a value with an axis of extent 1 where others have more is
    repeated along it."""
    values = aligned(call, values)
    extents = tuple(max(value.extent(k) for value in values) for k in range(values[0].rank))
    whole = next((value for value in values if value.extents == extents), None)
    if whole is None or any(value.extent(k) not in (1, extents[k]) for value in values for k in range(len(extents))):
        raise ConvertError(f"its inputs have the shapes {[value.extents for value in values]}.")
    node = call.plain(name) if name == "" else call.node(name)
    if all(value.axes == whole.axes and value.shape == whole.shape for value in values):
        layers = [call.builder.shaped(value.layer, whole.layer.shape) for value in values]
        return with_shape(whole, whole.shape, whole.axes, call.builder.layer(node, layers))
    order = [k for k in whole.others() if whole.axes[k]]
    repeated = [k for k in order if any(value.extent(k) != extents[k] for value in values)]
    order = repeated + [k for k in order if k not in repeated]
    shape = tuple(extents[k] for k in order)
    layers = []
    for value in values:
        layer = call.builder.placed(value, [[k] for k in order if value.extent(k) == extents[k]]).layer
        missing = [extents[k] for k in order if value.extent(k) != extents[k]]
        if missing:
            if value.extents != tuple(1 if k in repeated else n for k, n in enumerate(extents)):
                raise ConvertError(f"its inputs have the shapes {[value.extents for value in values]}.")
            layer = call.builder.layer(call.node("RepeatVector", math.prod(missing)),
                                       [call.builder.shaped(layer, (math.prod(layer.shape),))])
        layers.append(call.builder.shaped(layer, shape or (1,)))
    runs = [BATCH if run == BATCH else (order.index(k),) if k in order else () for k, run in enumerate(whole.axes)]
    return with_shape(whole, shape or (1,), runs, call.builder.layer(node, layers))


@operator("Sum Mean Max Min")
def merge(call: Call) -> Value:
    """Add, Average, Maximum and Minimum of computed values."""
    name = {"Sum": "Add", "Mean": "Average", "Max": "Maximum", "Min": "Minimum"}[call.op.kind]
    values = [call.value(index) for index in range(len(call.inputs))]
    return values[0] if len(values) == 1 else merged(call, name, values)


@operator("Concat")
def concatenation(call: Call) -> Value:
    """Concatenate, along whatever axis comes to lie last."""
    values = [call.value(index) for index in range(len(call.inputs))]
    first = values[0]
    axis = first.axis(call.op.get("axis", 0))
    if first.axes[axis] == BATCH:
        raise ConvertError("it makes the batch larger.")
    if len(values) == 1:
        return first
    values = aligned(call, values)
    others = [k for k in first.others(axis) if any(value.extent(k) != 1 for value in values)]
    layers = [call.builder.placed(value, [*([k] for k in others), [axis]]).layer for value in values]
    layer = call.builder.layer(call.node("Concatenate"), layers)
    runs = [BATCH if run == BATCH else (others.index(k),) if k in others else () for k, run in enumerate(first.axes)]
    runs[axis] = (len(others),)
    return with_shape(first, layer.shape, runs, layer)
