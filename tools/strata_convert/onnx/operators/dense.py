"""Products with a matrix of weights: Dense over the last axis."""
from typing import Optional

import numpy as np

from strata_convert.errors import ConvertError
from strata_convert.network import Node
from strata_convert.onnx.operators.table import Call, operator, with_shape
from strata_convert.onnx.operators.shapes import transposed
from strata_convert.onnx.values import BATCH, Value


def dense(call: Call, x: Value, axis: int, kernel: np.ndarray, bias: Optional[np.ndarray]) -> Value:
    """Dense along an axis of ONNX. The rows of the kernel go to where strata has the cells: behind a Flatten of
    channels first these are others."""
    if x.axes[axis] == BATCH:
        raise ConvertError("it sums over the batch.")
    if x.extent(axis) != kernel.shape[0]:
        raise ConvertError(f"its weights of shape {kernel.shape} do not fit an input of shape {x.extents}.")
    placed = call.builder.features_last(x, axis)
    tensors = {"kernel": kernel[x.in_order(axis)], **({} if bias is None else {"bias": bias})}
    made = call.node("Dense", kernel.shape[1], Node("NoBias") if bias is None else None)
    layer = call.builder.layer(made, [placed.layer], tensors)
    order = [k for k in x.others(axis) if x.axes[k]]
    runs = [run if run == BATCH else (order.index(k),) if k in order else () for k, run in enumerate(x.axes)]
    runs[axis] = (len(order),)
    return with_shape(x, layer.shape, runs, layer)


@operator("Gemm")
def gemm(call: Call) -> Value:
    """Dense, or where the third input is computed, too, the sum of both."""
    x = transposed(call.x, (1, 0)) if call.op.get("transA", 0) and call.x.rank == 2 else call.x
    kernel = call.constant(1, "matrix")
    if x.rank != 2 or kernel.ndim != 2:
        raise ConvertError("it takes matrices.")
    if x.axes[0] != BATCH:
        raise ConvertError("it sums over the batch.")
    kernel = (kernel.T if call.op.get("transB", 0) else kernel) * kernel.dtype.type(call.op.get("alpha", 1.0))
    third = call.operand(2)
    beta = call.op.get("beta", 1.0)
    if isinstance(third, Value):
        from strata_convert.onnx.operators.merges import merged
        product = dense(call, x, 1, kernel, None)
        scaled = third if beta == 1 else call.like(call.node("Rescaling", beta), third)
        return merged(call, "Add", [product, scaled])
    if third is None or beta == 0:
        return dense(call, x, 1, kernel, None)
    if third.size not in (1, kernel.shape[1]) or third.ndim == 2 and third.shape[0] != 1:
        raise ConvertError(f"its third input of shape {third.shape} differs between samples.")
    bias = np.broadcast_to(third.reshape(-1), kernel.shape[1:]) * third.dtype.type(beta)
    return dense(call, x, 1, kernel, bias)


@operator("MatMul")
def product(call: Call) -> Value:
    """Dense without a bias."""
    kernel = call.constant(1, "second matrix")
    if kernel.ndim != 2 or call.x.rank < 2:
        raise ConvertError(f"its second matrix has the shape {kernel.shape}.")
    return dense(call, call.x, call.x.rank - 1, kernel, None)
