"""What a graph computes from constants alone, such as the target of a Reshape; bounded, for a file may ask for more
than a machine has."""
import math
from typing import Any, Callable, Dict, List, Optional

import numpy as np

from strata_convert.errors import ConvertError
from strata_convert.onnx.file import Op

MOST_FOLDED = 2**26
MOST_NUMBERS = 1000  # extents, axes, pads and their like
VIEWS = ("ConstantOfShape", "Expand", "Slice", "Squeeze", "Unsqueeze", "Transpose", "Identity", "Constant", "Gather")
Arrays = List[Optional[np.ndarray]]


def whole_quotient(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The quotient of whole numbers, rounded towards zero. Throws ConvertError for one by zero."""
    if np.any(b == 0):
        raise ConvertError("it divides by zero.")
    return np.asarray(np.abs(a) // np.abs(b) * np.sign(a) * np.sign(b), a.dtype)


FOLDS: Dict[str, Callable[[Op, Arrays], Any]] = {
    "Identity": lambda op, x: x[0],
    "Add": lambda op, x: x[0] + x[1],
    "Sub": lambda op, x: x[0] - x[1],
    "Mul": lambda op, x: x[0] * x[1],
    "Div": lambda op, x: whole_quotient(*x) if x[0].dtype.kind in "iu" else x[0] / x[1],
    "Neg": lambda op, x: -x[0],
    "Sqrt": lambda op, x: np.sqrt(x[0]),
    "Reciprocal": lambda op, x: 1 / x[0],
    "Exp": lambda op, x: np.exp(x[0]),
    "Pow": lambda op, x: x[0] ** x[1],
    "Floor": lambda op, x: np.floor(x[0]),
    "Equal": lambda op, x: np.equal(x[0], x[1]),
    "Not": lambda op, x: np.logical_not(x[0]),
    "Where": lambda op, x: np.where(x[0], x[1], x[2]),
    "Transpose": lambda op, x: x[0].transpose(op.get("perm")),
    "Concat": lambda op, x: np.concatenate(x, op.get("axis", 0)),
    "Gather": lambda op, x: np.take(x[0], x[1], op.get("axis", 0)),
    "ReduceProd": lambda op, x: np.prod(x[0], keepdims=bool(op.get("keepdims", 1))),
    "Flatten": lambda op, x: x[0].reshape(math.prod(x[0].shape[:op.get("axis", 1)]), -1),
}


def folds(name: str) -> Callable[[Callable[[Op, Arrays], Any]], Callable[[Op, Arrays], Any]]:
    """Says which operator a function computes."""
    def add(function: Callable[[Op, Arrays], Any]) -> Callable[[Op, Arrays], Any]:
        FOLDS[name] = function
        return function
    return add


def listed(values: Any) -> List[int]:
    """Whole numbers of an array, which may be one number that is repeated very often. Throws ConvertError."""
    values = np.asarray(values)
    if values.size > MOST_NUMBERS:
        raise ConvertError(f"it has {values.size} numbers where there is one for an axis.")
    return [int(value) for value in values.reshape(-1)]


def whole_numbers(op: Op, inputs: Arrays, index: int, name: str) -> Optional[List[int]]:
    """Whole numbers that are an input, or in older opsets an attribute; None where neither is given."""
    if index < len(inputs) and inputs[index] is not None:
        return listed(inputs[index])
    return op.get(name)


@folds("Constant")
def constant(op: Op, inputs: Arrays) -> Any:
    """A tensor, or a number or a list in an attribute of its own."""
    for name, dtype in (("value", None), ("value_float", np.float32), ("value_floats", np.float32),
                        ("value_int", np.int64), ("value_ints", np.int64)):
        if op.get(name) is not None:
            return np.asarray(op.get(name), dtype)
    raise ConvertError("it holds no tensor of numbers.")


@folds("ConstantOfShape")
def constant_of_shape(op: Op, inputs: Arrays) -> Any:
    """One value, which costs no memory however large the shape is."""
    value = op.get("value")
    value = np.zeros((), np.float32) if value is None else np.asarray(value).reshape(-1)[0]
    return np.broadcast_to(value, listed(inputs[0]))


@folds("Expand")
def expand(op: Op, inputs: Arrays) -> Any:
    """Repeated values, which cost no memory."""
    shape = np.broadcast_shapes(inputs[0].shape, tuple(listed(inputs[1])))
    return np.broadcast_to(inputs[0], shape)


@folds("Cast")
def cast(op: Op, inputs: Arrays) -> Any:
    """Another type."""
    from onnx import helper
    return inputs[0].astype(helper.tensor_dtype_to_np_dtype(op.get("to")))


@folds("Reshape")
def reshape(op: Op, inputs: Arrays) -> Any:
    """Another shape; 0 keeps an extent."""
    shape = [inputs[0].shape[k] if extent == 0 and not op.get("allowzero", 0) else extent
             for k, extent in enumerate(listed(inputs[1]))]
    return inputs[0].reshape(shape)


@folds("Unsqueeze")
def unsqueeze(op: Op, inputs: Arrays) -> Any:
    """More axes of extent 1."""
    return np.expand_dims(inputs[0], tuple(whole_numbers(op, inputs, 1, "axes") or ()))


@folds("Squeeze")
def squeeze(op: Op, inputs: Arrays) -> Any:
    """Fewer axes of extent 1."""
    axes = whole_numbers(op, inputs, 1, "axes")
    return np.squeeze(inputs[0], None if axes is None else tuple(axes))


@folds("Slice")
def slice_of(op: Op, inputs: Arrays) -> Any:
    """A part along some axes."""
    starts, ends = whole_numbers(op, inputs, 1, "starts"), whole_numbers(op, inputs, 2, "ends")
    axes = whole_numbers(op, inputs, 3, "axes") or list(range(len(starts or [])))
    steps = whole_numbers(op, inputs, 4, "steps") or [1] * len(axes)
    index = [slice(None)] * inputs[0].ndim
    for start, end, axis, step in zip(starts or [], ends or [], axes, steps):
        index[axis] = slice(start, end if end > -2**31 else None, step)
    return inputs[0][tuple(index)]


def folded(op: Op, inputs: Arrays) -> np.ndarray:
    """The result of an operator on constants. Throws ConvertError."""
    if op.kind not in FOLDS:
        raise ConvertError("it is not computed from constants here.")
    try:
        if op.kind not in VIEWS:
            shapes = [x.shape for x in inputs if x is not None]
            elementwise = op.kind in ("Add", "Sub", "Mul", "Div", "Pow", "Equal", "Where")
            size = math.prod(np.broadcast_shapes(*shapes)) if elementwise else sum(math.prod(shape) for shape in shapes)
            if size > MOST_FOLDED:
                raise ConvertError("its result would be too large.")
        if op.kind == "Gather" and np.size(inputs[1]) * np.size(inputs[0]) > MOST_FOLDED:
            raise ConvertError("its result would be too large.")
        with np.errstate(all="ignore"):
            return np.asarray(FOLDS[op.kind](op, inputs))
    except ConvertError:
        raise
    except Exception as error:  # whatever NumPy has against these constants
        raise ConvertError(f"its constants do not fit together ({type(error).__name__}).") from None


def uniform(values: np.ndarray) -> Optional[float]:
    """The one value that an array holds everywhere, None if there are several; looks at no repeated cells."""
    if values.size == 0:
        return None
    first = values[(0,) * values.ndim]
    distinct = values[tuple(slice(0, 1) if stride == 0 else slice(None) for stride in values.strides)]
    return float(first) if np.all(distinct == first) else None
