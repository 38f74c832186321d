"""Which Casts to whole numbers change nothing: exporters write them before an Embedding, and behind inputs that are
whole numbers already."""
from dataclasses import replace
from typing import Dict, List, Set

import numpy as np

from strata_convert.errors import ConvertError
from strata_convert.onnx.file import OnnxGraph, Op, numpy_type

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


def without_casts(graph: OnnxGraph, ops: List[Op]) -> List[Op]:
    """The operators with an Identity for each Cast of an input that changes nothing. Throws ConvertError where whole
    numbers are divided."""
    others = read_by_others(graph, ops)
    types: Dict[str, np.dtype] = dict(graph.types)  # of the values that are an input's cells
    result = []
    for op in ops:
        source = types.get(op.inputs[0]) if op.inputs else None
        if op.kind == "Div" and source is not None and source.kind in "iu":
            raise ConvertError(f"{op}: it divides whole numbers, which rounds.")
        target = numpy_type(op.get("to", 0)) if op.kind == "Cast" else source
        if source is not None and target is not None and op.kind == "Cast" and target.kind in "iub":
            if keeps(source, target) or (target.kind in "iu" and not others.intersection(op.outputs)):
                op = replace(op, kind="Identity")
        if source is not None and target is not None and op.kind in (*MOVES, "Cast"):
            types.update(dict.fromkeys(op.outputs, target))
        result.append(op)
    return result
