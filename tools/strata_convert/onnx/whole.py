"""Which Casts to whole numbers change nothing: exporters write them before an Embedding, and behind inputs that are
whole numbers already."""
from dataclasses import replace
from typing import Dict, List, Optional, Set

import numpy as np

from strata_convert.errors import ConvertError
from strata_convert.onnx.file import OnnxGraph, Op, numpy_type

ELEMENTWISE = "Add Sub Mul Max Min Sum Abs Neg Pow Relu Clip".split()  # of whole numbers they make whole numbers
KEEP_TYPE = "Concat Pad MaxPool ReduceMax ReduceMin ReduceSum MatMul Gemm Where DepthToSpace SpaceToDepth PRelu".split()
MOVES = "Identity Reshape Flatten Squeeze Unsqueeze Transpose Slice Split Gather Tile Expand".split()


def read_by_others(graph: OnnxGraph, ops: List[Op]) -> Set[str]:
    """The values that others read than an Embedding, which takes their whole part itself."""
    found = set(graph.outputs)
    for op in reversed(ops):
        moves = op.kind in (*MOVES, "Cast") and not found.intersection(op.outputs)
        for index, name in enumerate(op.inputs):
            is_embedding = op.kind == "Gather" and index == 1 and op.inputs[0] in graph.constants
            if not is_embedding and not (moves and index == 0):
                found.add(name)
    return found


def keeps(source: np.dtype, target: np.dtype) -> bool:
    """Whether a Cast keeps whole numbers. Those of 64 bits are taken to fit in 32."""
    return source.kind in "iub" and (np.can_cast(source, target) or target in (np.int32, np.int64))


def type_of(op: Op, graph: OnnxGraph, types: Dict[str, np.dtype]) -> Optional[np.dtype]:
    """The type of what an operator makes, where it is known: not of a Shape, which is a constant in the end."""
    if op.kind == "Cast":
        return numpy_type(op.get("to", 0))
    if op.kind == "Gather" and op.inputs and op.inputs[0] in graph.constants:
        return graph.constants[op.inputs[0]].dtype
    values = op.inputs[1:] if op.kind == "Where" else op.inputs if op.kind in ELEMENTWISE else op.inputs[:1]
    computed = [name for name in values if name and name not in graph.constants]
    if not all(name in types for name in computed) or op.kind not in (*ELEMENTWISE, *MOVES, *KEEP_TYPE):
        return None
    return types[computed[0]] if computed else graph.constants[values[0]].dtype if values else None


def divides(op: Op) -> bool:
    """Whether an operator makes fractions of whole numbers."""
    return op.kind in ("Div", "Mean", "ReduceMean") or (
        op.kind in ("Resize", "Upsample") and op.get("mode", "nearest") != "nearest")


def without_casts(graph: OnnxGraph, ops: List[Op]) -> List[Op]:
    """The operators with an Identity for each Cast of an input that changes nothing. Throws ConvertError where whole
    numbers are divided."""
    others = read_by_others(graph, ops)
    types: Dict[str, np.dtype] = dict(graph.types)
    result = []
    for op in ops:
        source = types.get(op.inputs[0]) if op.inputs else None
        read = [types[name] for name in op.inputs if name in types]
        if divides(op) and any(found.kind in "iu" for found in read):
            raise ConvertError(f"{op}: it divides whole numbers, which rounds.")
        target = type_of(op, graph, types)
        if source is not None and target is not None and op.kind == "Cast" and target.kind in "iub":
            if keeps(source, target) or (target.kind in "iu" and not others.intersection(op.outputs)):
                op = replace(op, kind="Identity")
        if target is not None:
            types.update(dict.fromkeys(op.outputs, target))
        result.append(op)
    return result
