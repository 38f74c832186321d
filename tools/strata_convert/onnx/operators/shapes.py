"""Operators that move no cell, or move them in ways for which strata has a layer."""
from dataclasses import replace
from typing import List, Sequence

import numpy as np

from strata_convert.errors import ConvertError
from strata_convert.onnx.backwards import forwards, in_order_backwards
from strata_convert.onnx.file import numpy_type
from strata_convert.onnx.folding import listed
from strata_convert.onnx.operators.table import Call, Operand, operator, with_shape
from strata_convert.onnx.operators.windows import padded_along
from strata_convert.onnx.values import BATCH, Value, reshaped


def transposed(value: Value, order: Sequence[int]) -> Value:
    """A value with its axes in another order."""
    return replace(value, axes=tuple(value.axes[k] for k in order))


@operator("Transpose")
def transpose(call: Call) -> Value:
    """Nothing moves until a layer needs it."""
    order = call.op.get("perm") or list(range(call.x.rank))[::-1]
    if sorted(order) != list(range(call.x.rank)):
        raise ConvertError(f"perm={order} does not name each axis once.")
    return transposed(call.x, order)


@operator("Identity Dropout Cast")
def nothing(call: Call) -> Operand:
    """What changes nothing while predicting: but a Dropout stays in the type, for training."""
    if call.op.kind == "Cast":  # those to whole numbers that change nothing are no Casts any more
        target = numpy_type(call.op.get("to", 0))
        if target is None or target.name not in ("float16", "bfloat16", "float32", "float64"):
            raise ConvertError("it rounds to whole numbers, or to a type that strata does not have.")
    if call.op.kind != "Dropout":
        return call.x
    if len([name for name in call.op.outputs if name]) > 1:
        raise ConvertError("the mask of a Dropout is not in strata.")
    rate = call.number(1, "ratio", 0.5)
    if not 0 <= rate < 1:
        raise ConvertError(f"the rate {rate} does not lie in [0, 1).")
    training = call.optional(2, "training_mode")
    if training is not None and training.size == 1 and bool(training.reshape(-1)[0]) and rate:
        raise ConvertError("training_mode is on; export the model for inference.")
    return call.like(call.node("Dropout", rate if rate else 0))


@operator("Shape")
def shape(call: Call) -> np.ndarray:
    """The extents, with one number that stands for the batch."""
    extents = np.asarray(call.x.extents, np.int64)
    return extents[call.op.get("start", 0):call.op.get("end")]


@operator("Reshape")
def reshape(call: Call) -> Value:
    """0 keeps an extent, and -1 is what is left."""
    x = call.x
    target = listed(call.constant(1, "shape"))
    for k, extent in enumerate(target):
        if extent == 0 and not call.op.get("allowzero", 0):
            if k >= x.rank:
                raise ConvertError(f"its shape {target} keeps an axis that its input does not have.")
            target[k] = x.extent(k)
    if target.count(-1) > 1 or any(extent < -1 for extent in target):
        raise ConvertError(f"its shape {target} is none.")
    if -1 in target:
        rest = int(np.prod([extent for extent in target if extent != -1], dtype=object)) if len(target) > 1 else 1
        size = int(np.prod(x.extents, dtype=object))
        if rest == 0 or size % rest:
            raise ConvertError(f"its input of shape {x.extents} cannot become one of shape {target}.")
        target[target.index(-1)] = size // rest
    return reshaped(call.builder, x, target)


@operator("Flatten")
def flatten(call: Call) -> Value:
    """To a batch of rows."""
    axis = call.op.get("axis", 1)
    x = call.x
    axis = axis + x.rank if axis < 0 else axis
    if not 0 <= axis <= x.rank:
        raise ConvertError(f"its input has no axis {axis}.")
    sizes = [int(np.prod(part, dtype=object)) if part else 1 for part in (x.extents[:axis], x.extents[axis:])]
    return reshaped(call.builder, x, sizes)


@operator("Squeeze")
def squeeze(call: Call) -> Value:
    """Leaves out axes of extent 1."""
    x = call.x
    given = call.whole_numbers(1, "axes")
    axes = [x.axis(k) for k in given] if given is not None else [
        k for k in range(x.rank) if x.extent(k) == 1 and x.axes[k] != BATCH]
    if any(x.extent(k) != 1 or x.axes[k] == BATCH for k in axes):
        raise ConvertError(f"its axes {axes} of shape {x.extents} are not all of extent 1.")
    return replace(x, axes=tuple(run for k, run in enumerate(x.axes) if k not in axes))


@operator("Unsqueeze")
def unsqueeze(call: Call) -> Value:
    """More axes of extent 1."""
    axes = call.whole_numbers(1, "axes") or []
    rank = call.x.rank + len(axes)
    places = sorted(k + rank if k < 0 else k for k in axes)
    if any(not 0 <= k < rank for k in places) or len(set(places)) != len(places):
        raise ConvertError(f"its axes {axes} do not fit an input of {call.x.rank} axes.")
    runs = list(call.x.axes)
    for place in places:
        runs.insert(place, ())
    return replace(call.x, axes=tuple(runs))


@operator("Slice")
def slice_of(call: Call) -> Value:
    """A Cropping along one axis or two, without steps."""
    x = call.x
    starts, ends = call.whole_numbers(1, "starts") or [], call.whole_numbers(2, "ends") or []
    axes = [x.axis(k) for k in call.whole_numbers(3, "axes") or range(len(starts))]
    steps = call.whole_numbers(4, "steps") or [1] * len(axes)
    if steps == [-1] and len(starts) == len(ends) == len(axes) == 1:
        return turned_around(x, axes[0], range(x.extent(axes[0]))[slice(starts[0], ends[0], -1)])
    if any(step != 1 for step in steps) or not len(starts) == len(ends) == len(axes):
        raise ConvertError("strata crops without steps.")
    before, after = {}, {}
    for start, end, axis in zip(starts, ends, axes):
        first, last, _ = slice(start, end).indices(x.extent(axis))
        if first or last != x.extent(axis):
            if axis == x.batch_axis or last <= first:
                raise ConvertError("it takes a part of the batch, or nothing.")
            before[axis], after[axis] = -first, last - x.extent(axis)
    return padded_along(call, x, sorted(before), before, after, 0.0) if before else x


def turned_around(x: Value, axis: int, steps: range) -> Value:
    """The steps of a recurrent layer that went backwards, from the last row of its input on. Throws ConvertError."""
    layer = x.layer
    if not in_order_backwards(layer) or x.axes[axis] != (0,) or not x.shape[0] == layer.shape[0] == len(steps):
        raise ConvertError("strata turns nothing around but the results of a recurrent layer.")
    return replace(x, layer=forwards(layer, "GoBackwards"))


@operator("Split")
def split(call: Call) -> List[Value]:
    """A Cropping for each part."""
    x = call.x
    axis = x.axis(call.op.get("axis", 0))
    extent, count = x.extent(axis), len(call.op.outputs)
    each = -(-extent // count)
    sizes = call.whole_numbers(1, "split") or [min(each, extent - k * each) for k in range(count)]
    if sum(sizes) != extent or len(sizes) != count or axis == x.batch_axis or min(sizes) < 1:
        raise ConvertError(f"its parts {sizes} do not fit an input of shape {x.extents}.")
    parts, at = [], 0
    for size in sizes:
        parts.append(padded_along(call, x, [axis], {axis: -at}, {axis: at + size - extent}, 0.0)
                     if size != extent else x)
        at += size
    return parts


@operator("Gather")
def gather(call: Call) -> Value:
    """An Embedding, where it takes rows of a table by numbers out of the input; or one place along an axis."""
    if isinstance(call.operand(0), np.ndarray):
        table, x = call.constant(0, "table"), call.value(1)
        if call.op.get("axis", 0) not in (0, -table.ndim) or table.ndim < 1:
            raise ConvertError("it takes something else than rows of a table.")
        if x.layer.inputs and x.layer.node.name not in ("Reshape", "Flatten", "Cropping1D"):
            raise ConvertError("the numbers of an Embedding must be the input of the network.")
        rows = table.reshape(table.shape[0], -1)
        placed = call.builder.placed(x, [[k] for k in x.others() if x.axes[k]])
        made = call.node("Embedding", *rows.shape)
        layer = call.builder.layer(made, [placed.layer], {"embeddings": rows})
        base = len(layer.shape) - 1
        ranked = [k for k in x.others() if x.axes[k]]
        runs = [BATCH if run == BATCH else (ranked.index(k),) if run else () for k, run in enumerate(x.axes)]
        runs += [(base + k,) for k in range(table.ndim - 1)]
        shape = (*layer.shape[:-1], *table.shape[1:])
        return with_shape(x, shape if table.ndim > 1 else layer.shape, runs, layer)
    x, place = call.x, call.constant(1, "indices")
    axis = x.axis(call.op.get("axis", 0))
    if place.size != 1 or axis == x.batch_axis:
        raise ConvertError("it takes more than one place along an axis.")
    extent, index = x.extent(axis), int(place.reshape(-1)[0])
    index = index + extent if index < 0 else index
    if not 0 <= index < extent:
        raise ConvertError(f"its index {index} lies outside of {extent} places.")
    part = padded_along(call, x, [axis], {axis: -index}, {axis: index + 1 - extent}, 0.0) if extent > 1 else x
    runs = [run for k, run in enumerate(part.axes) if k != axis]
    return replace(part, axes=tuple([*runs[:axis], *((),) * place.ndim, *runs[axis:]]))


@operator("Tile Expand")
def repeat(call: Call) -> Value:
    """RepeatVector, along axes of extent 1."""
    x, given = call.x, call.whole_numbers(1, "repeats") or []
    if call.op.kind == "Expand":
        given = [1] * (x.rank - len(given)) + given
        x = replace(x, axes=(*((),) * (len(given) - x.rank), *x.axes))
        given = [1 if n == extent else n for n, extent in zip(given, x.extents)]
    repeated = [k for k, n in enumerate(given) if n != 1]
    if not repeated:
        return x
    if len(given) != x.rank or any(x.extent(k) != 1 or x.axes[k] == BATCH for k in repeated) or min(given) < 1:
        raise ConvertError(f"it repeats an input of shape {x.extents} {given} times: strata repeats rows, as a whole.")
    others = [k for k in x.others(*repeated) if x.axes[k]]
    placed = call.builder.placed(x, [others])
    layer = call.builder.layer(call.node("RepeatVector", int(np.prod([given[k] for k in repeated]))), [placed.layer])
    order = [*repeated, *others]
    runs = [BATCH if run == BATCH else (order.index(k),) if k in order else () for k, run in enumerate(x.axes)]
    return with_shape(x, [*(given[k] for k in repeated), *(x.extent(k) for k in others)], runs, layer)


@operator("ReduceMean ReduceMax")
def reduce(call: Call) -> Value:
    """Over all positions of steps or images: a global pool."""
    x = call.x
    axes = sorted(x.axis(k) for k in call.whole_numbers(1, "axes") or range(x.rank))
    rest = [k for k in x.others() if k not in axes and x.axes[k]]
    taken = [k for k in x.others() if k in axes and x.axes[k]]
    if x.batch_axis in axes or len(rest) != 1 or len(taken) not in (1, 2):
        raise ConvertError(f"strata reduces over the positions of steps or images, not over the axes {axes} of "
                           f"{x.extents}.")
    placed = call.builder.placed(x, [*([k] for k in taken), rest])
    name = "GlobalAverage" if call.op.kind == "ReduceMean" else "GlobalMax"
    layer = call.builder.layer(call.node(f"{name}Pooling{len(taken)}D"), [placed.layer])
    runs = [BATCH if k == x.batch_axis else (0,) if k == rest[0] else () for k in range(x.rank)]
    keeps = call.op.get("keepdims", 1)
    return with_shape(x, layer.shape, [run for k, run in enumerate(runs) if keeps or k not in axes], layer)

